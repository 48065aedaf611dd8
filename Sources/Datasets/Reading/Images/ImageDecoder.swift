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
