internal import FoundationEssentials

/// Decodes images of a format from memory.
protocol ImageDecoder {
  /// Returns whether the data starts like data of this format.
  static func recognizes(_ data: Data) -> Bool

  /// Parses the header.
  static func header(of data: Data) throws(ImageFailure) -> ImageHeader

  /// Returns the stored values, shape `[height, width, channels]` as in the header, with an additional channel for
  /// alpha, using no more memory than that. Includes a warning if the image is usable nevertheless.
  static func samples(of data: Data, _ header: ImageHeader) throws(ImageFailure) -> (ImageSamples, warning: String?)
}

/// The header of an image.
struct ImageHeader: Hashable, Sendable {
  let width: Int
  let height: Int
  /// 1 for grey, 3 for red, green and blue.
  let channels: Int
  /// Bits per stored value: 16, or 8 for 8 and fewer.
  var depth = 8
  /// Whether pixels have an alpha channel besides their channels.
  var hasAlpha = false
  /// The EXIF orientation; 1 for upright, and if it is missing.
  var orientation = 1
  /// A warning of the decoder; nil if there is none.
  var warning: String?

  /// Number of values without alpha: `width * height * channels`.
  var count: Int { width * height * channels }

  /// Width and height.
  var size: String { "\(width) × \(height)" }
}

/// The stored values of a decoded image, pixel by pixel, with alpha last.
enum ImageSamples: Sendable {
  /// 8-bit values.
  case bytes([UInt8])
  /// 16-bit values.
  case words([UInt16])
}

/// Why an image could not be decoded, as a clause.
struct ImageFailure: Error {
  let reason: String
}
