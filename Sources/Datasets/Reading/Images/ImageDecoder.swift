internal import FoundationEssentials

/// Decodes images of one format, from memory.
protocol ImageDecoder {
  /// Whether the data begin as data of this format do.
  static func recognizes(_ data: Data) -> Bool

  /// What the header says.
  static func header(of data: Data) throws(ImageFailure) -> ImageHeader

  /// The stored values, shape `[height, width, channels]` as in the header, with alpha one channel more; no more memory is
  /// taken than that. A warning that does not make the image useless comes with them.
  static func samples(of data: Data, _ header: ImageHeader) throws(ImageFailure) -> (ImageSamples, warning: String?)
}

/// What an image's header says.
struct ImageHeader: Hashable, Sendable {
  let width: Int
  let height: Int
  /// 1 for grey, 3 for red, green and blue.
  let channels: Int
  /// Bits of a stored value: 16, or 8 for 8 and fewer.
  var depth = 8
  /// Whether each pixel has an alpha beside its channels.
  var hasAlpha = false
  /// Which way is up, as EXIF counts it; 1 for upright, and where nothing is said.
  var orientation = 1
  /// What the decoder warned of; nil where all is in order.
  var warning: String?

  /// The number of values without alpha: `width * height * channels`.
  var count: Int { width * height * channels }

  /// Width and height.
  var size: String { "\(width) × \(height)" }
}

/// The values of a decoded image as they are stored, those of a pixel together, its alpha last.
enum ImageSamples: Sendable {
  /// Of 8 bits.
  case bytes([UInt8])
  /// Of 16 bits.
  case words([UInt16])
}

/// Why an image could not be decoded, in a clause.
struct ImageFailure: Error {
  let reason: String
}
