/// The values of a decoded image as they are stored, those of a pixel together, its alpha last.
enum ImageSamples: Sendable {
  /// Of 8 bits.
  case bytes([UInt8])
  /// Of 16 bits.
  case words([UInt16])
}
