internal import FoundationEssentials

/// A file with a PNG or JPEG image, told apart by its contents.
struct ImageFile {
  /// The extensions of files that are taken for images, in lower case.
  static let extensions: Set<String> = ["png", "jpg", "jpeg"]
  /// The most pixels of an image: 8,192 × 8,192.
  private static let largestPixelCount = 1 << 26

  /// Where it lies.
  let path: String
  /// Size and colours.
  let header: ImageHeader
  private let data: Data
  private let decoder: any ImageDecoder.Type

  /// Reads the file and the image's header.
  /// - Throws: `DatasetError` where it can't be read, is neither PNG nor JPEG, or is damaged.
  init(path: String) throws {
    let data = try DatasetFile.contents(of: path)
    guard !data.isEmpty else {
      throw DatasetError(.empty, path: path, expected: "a PNG or JPEG image", found: "nothing")
    }
    let decoders: [any ImageDecoder.Type] = [PNGDecoder.self, JPEGDecoder.self]
    guard let decoder = decoders.first(where: { $0.recognizes(data) }) else {
      throw DatasetError(.wrongFormat, path: path, expected: "a PNG or JPEG image", found: "something else")
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
        .tooLarge, path: path, expected: "at most \(Self.largestPixelCount) pixels", found: header.size)
    }
  }

  /// Decodes the image as grey or in colour.
  ///
  /// Grey is `0.299·red + 0.587·green + 0.114·blue`, as in JPEG; a grey image's colours are all its grey.
  /// - Parameter channels: 1 or 3.
  /// - Returns: shape `[height, width, channels]`, row-major.
  /// - Throws: `DatasetError` where it is damaged.
  func pixels(channels: Int) throws -> [UInt8] {
    let pixels: [UInt8]
    do {
      pixels = try decoder.pixels(of: data, header)
    } catch {
      throw Self.damaged(path, error)
    }
    if channels == header.channels { return pixels }
    if channels == 3 { return pixels.flatMap { [$0, $0, $0] } }
    return stride(from: 0, to: pixels.count, by: 3).map { start in
      let (red, green, blue) = (Int(pixels[start]), Int(pixels[start + 1]), Int(pixels[start + 2]))
      return UInt8((299 * red + 587 * green + 114 * blue + 500) / 1000)
    }
  }

  private static func damaged(_ path: String, _ failure: ImageFailure) -> DatasetError {
    DatasetError(.corrupted, "\(path): expected an intact image, found: \(failure.reason)", cause: failure)
  }
}
