/// The random streams of this room: the upper byte says what for, the rest is an index.
///
/// Other rooms draw under the same seed, from streams whose upper byte is not 0xD0 to 0xDF.
enum DatasetStream {
  /// The division into training and validation images.
  static let split: UInt64 = 0xD0 << 56

  /// The order of the images in an epoch.
  static func batchOrder(epoch: Int) -> UInt64 { 0xD1 << 56 | UInt64(epoch) }

  /// How an image is changed in an epoch.
  static func augmentation(epoch: Int, image: Int32) -> UInt64 {
    0xD4 << 56 | UInt64(epoch & 0xFF_FFFF) << 32 | UInt64(UInt32(bitPattern: image))
  }

  /// What a drawn digit of the training part looks like.
  static func trainingDigit(_ index: Int) -> UInt64 { 0xD2 << 56 | UInt64(index) }

  /// What a drawn digit of the test part looks like.
  static func testDigit(_ index: Int) -> UInt64 { 0xD3 << 56 | UInt64(index) }
}
