private import FoundationEssentials

/// Reads single images as a network expects them: from a PNG or JPEG file to bytes of the network's size and colours.
///
/// 1. The stored values become bytes, and transparency is blended with a background, as in `PixelReading`. If the training
/// images had no transparency, the background is white for an image whose drawing is dark, otherwise black.
/// 2. For a grey network, colours become `(299·red + 587·green + 114·blue + 500) / 1000` in integer arithmetic. For a colour
/// network, grey becomes three equal values.
/// 3. An image of another size is resized by a `TriangleFilter`, each axis on its own.
/// 4. If `inverts` is set, a byte `v` becomes `255 - v`.
package struct ImageFitter: Sendable {
  /// Width of the network's images.
  package let width: Int
  /// Height of the network's images.
  package let height: Int
  /// Values per pixel: 1 for grey, 3 for red, green and blue.
  package let channels: Int
  /// The 16-bit value that becomes 255; nil for 65535.
  package let largestValue: Int?
  /// The background of transparent pixels, 0...255; nil to choose it for each image.
  package let background: Int?
  /// Whether dark and light are exchanged.
  package let inverts: Bool

  /// Rules for images of `width * height * channels` bytes; `channels` is 1 or 3.
  package init(
    width: Int, height: Int, channels: Int, largestValue: Int? = nil, background: Int? = nil, inverts: Bool = false
  ) {
    precondition(channels == 1 || channels == 3, "an image has 1 or 3 channels")
    (self.width, self.height, self.channels) = (width, height, channels)
    (self.largestValue, self.background, self.inverts) = (largestValue, background, inverts)
  }

  /// Decodes and fits an image.
  /// - Throws: `DatasetError` with the path if it is missing, neither PNG nor JPEG, damaged or too large.
  package func image(_ source: ImageSource) throws -> FittedImage {
    let file = try source.file()
    let header = file.header
    let (samples, warning) = try file.samples()
    let reading = PixelReading(
      channels: header.channels, largestValue: largestValue,
      background: header.hasAlpha ? background ?? Self.background(of: samples, header, largestValue) : nil)
    var bytes = reading.bytes(of: samples, header)
    var isTurnedGrey = false
    switch (header.channels, channels) {
    case (3, 1): (bytes, isTurnedGrey) = Self.grey(bytes)
    case (1, 3): bytes = bytes.flatMap { [$0, $0, $0] }
    default: break
    }
    bytes = TriangleFilter.resize(
      bytes, channels: channels, from: (header.width, header.height), to: (width, height))
    if inverts { bytes = bytes.map { 255 - $0 } }
    return FittedImage(
      bytes: bytes, width: header.width, height: header.height,
      isResized: header.width != width || header.height != height, isTurnedGrey: isTurnedGrey,
      orientation: header.orientation, warning: warning ?? header.warning)
  }

  /// Decodes and fits images on all cores.
  /// - Returns: the images in order, or why one could not be read.
  package func images(_ sources: [ImageSource]) -> [Result<FittedImage, DatasetError>] {
    parallelMap(sources, progress: { _ in }) { source in
      do {
        return .success(try image(source))
      } catch let error as DatasetError {
        return .failure(error)
      } catch {
        return .failure(DatasetError(.unreadable, "\(source): cannot be read", cause: error))
      }
    }
  }

  private static func background(of samples: ImageSamples, _ header: ImageHeader, _ largestValue: Int?) -> Int {
    var survey = PixelSurvey()
    survey.add(header, samples)
    return survey.transparent > 0 && survey.meanInk(largest: largestValue ?? 0xFFFF) < 127.5 ? 255 : 0
  }

  private static func grey(_ bytes: [UInt8]) -> (bytes: [UInt8], hadColors: Bool) {
    var hadColors = false
    let grey = stride(from: 0, to: bytes.count, by: 3).map { start in
      let (red, green, blue) = (bytes[start], bytes[start + 1], bytes[start + 2])
      hadColors = hadColors || red != green || green != blue
      return PixelReading.grey(red, green, blue)
    }
    return (grey, hadColors)
  }
}

/// An image as the network expects it.
package struct FittedImage: Sendable {
  /// Shape `[height, width, channels]` of the network's images.
  package let bytes: [UInt8]
  /// Width of the file's image.
  package let width: Int
  /// Height of the file's image.
  package let height: Int
  /// Whether the file's image has another size.
  package let isResized: Bool
  /// Whether colours became grey; false for a colour file with only grey pixels.
  package let isTurnedGrey: Bool
  /// The EXIF orientation, which is not applied; 1 for upright.
  package let orientation: Int
  /// A warning of the decoder; nil if there is none.
  package let warning: String?
}

/// Where an image comes from: a file or bytes.
package struct ImageSource: Sendable, CustomStringConvertible {
  private let path: SystemPath
  private let bytes: [UInt8]?

  /// The file at a path.
  package init(path: String) { (self.path, bytes) = (SystemPath(path), nil) }

  /// Bytes of a file.
  /// - Parameter name: a name for messages.
  package init(bytes: [UInt8], name: String) { (path, self.bytes) = (SystemPath(name), bytes) }

  private init(_ path: SystemPath) { (self.path, bytes) = (path, nil) }

  /// The path in one line.
  package var description: String { path.description }

  /// Returns the images directly in a directory, sorted by name, by the extensions `.png`, `.jpg`, `.jpeg`, `.jpe` and
  /// `.jfif`; nil if the path is not a directory.
  /// - Throws: `DatasetError` if the directory can't be read or has no images.
  package static func images(inFolder path: String) throws -> [ImageSource]? {
    guard FileKind(of: SystemPath(path)) == .folder else { return nil }
    var folder = SystemPath(path)
    while folder.bytes.count > 1, folder.bytes.last == UInt8(ascii: "/") {
      folder = SystemPath(bytes: Array(folder.bytes.dropLast()))
    }
    let images = ClassFolders.images(in: try FolderListing(folder))
    guard !images.isEmpty else {
      throw DatasetError(
        .empty, path: path, expected: "a folder with images (.png, .jpg, .jpeg) in it", found: "none")
    }
    return images.map { ImageSource(folder.appending($0)) }
  }

  func file() throws -> ImageFile {
    guard let bytes else { return try ImageFile(path: path) }
    return try ImageFile(Data(bytes), path: path)
  }
}
