internal import FoundationEssentials

/// A PNG or JPEG file, detected by its contents.
struct ImageFile {
  /// The file extensions of images, in lower case.
  static let suffixes: Set<String> = ["png", "jpg", "jpeg", "jpe", "jfif"]
  /// The maximum number of pixels of an image: 8,192 × 8,192.
  private static let largestPixelCount = 1 << 26

  /// Its path.
  let path: SystemPath
  /// Size, colours and depth.
  let header: ImageHeader
  private let data: Data
  private let decoder: any ImageDecoder.Type

  /// Reads the file and the image's header.
  /// - Throws: `DatasetError` if it can't be read, is neither PNG nor JPEG, or is damaged.
  init(path: SystemPath) throws {
    try self.init(DatasetFile.contents(of: path), path: path)
  }

  /// Reads the image's header from the file's contents.
  /// - Throws: `DatasetError` if they are neither PNG nor JPEG, or damaged.
  init(_ data: Data, path: SystemPath) throws {
    guard !data.isEmpty else {
      throw DatasetError(.empty, path: "\(path)", expected: "a PNG or JPEG image", found: "nothing")
    }
    let decoders: [any ImageDecoder.Type] = [PNGDecoder.self, JPEGDecoder.self]
    guard let decoder = decoders.first(where: { $0.recognizes(data) }) else {
      throw DatasetError(
        .wrongFormat, path: "\(path)", expected: "a PNG or JPEG image", found: Self.format(of: data) ?? "something else"
      )
    }
    self.path = path
    self.data = data
    self.decoder = decoder
    do {
      header = try decoder.header(of: data)
    } catch {
      throw Self.damaged(path, error)
    }
    guard header.width * header.height <= Self.largestPixelCount else {
      throw DatasetError(
        .tooLarge, path: "\(path)", expected: "at most \(Self.largestPixelCount) pixels", found: header.size)
    }
  }

  /// Decodes the image.
  /// - Returns: the stored values, and a warning of the decoder.
  /// - Throws: `DatasetError` if it is damaged.
  func samples() throws -> (ImageSamples, warning: String?) {
    do {
      return try decoder.samples(of: data, header)
    } catch {
      throw Self.damaged(path, error)
    }
  }

  /// Detects other image formats by their first bytes.
  private static func format(of data: Data) -> String? {
    let known: [(start: [UInt8], name: String)] = [
      (Array("BM".utf8), "a BMP image"), (Array("GIF8".utf8), "a GIF image"), (Array("RIFF".utf8), "a WebP image"),
      ([0x49, 0x49, 0x2A, 0], "a TIFF image"), ([0x4D, 0x4D, 0, 0x2A], "a TIFF image"),
      ([0, 0, 0, 12, 0x6A, 0x50], "a JPEG 2000 image"),
    ]
    if data.dropFirst(4).starts(with: Array("ftyp".utf8)) { return "an AVIF or HEIC image" }
    return known.first { data.starts(with: $0.start) }.map { "\($0.name), which is not supported" }
  }

  private static func damaged(_ path: SystemPath, _ failure: ImageFailure) -> DatasetError {
    DatasetError(.corrupted, "\(path): expected an intact image, found: \(failure.reason)", cause: failure)
  }
}
