internal import FoundationEssentials

/// Decodes images of one format, from memory.
protocol ImageDecoder {
  /// Whether the data begin as data of this format do.
  static func recognizes(_ data: Data) -> Bool

  /// What the header says.
  static func header(of data: Data) throws(ImageFailure) -> ImageHeader

  /// The pixels, shape `[height, width, channels]` as in the header; no more memory is taken than that.
  static func pixels(of data: Data, _ header: ImageHeader) throws(ImageFailure) -> [UInt8]
}
