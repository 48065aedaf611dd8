/// How stored values of a set's images are converted to bytes. This is determined on the training images, and the same
/// for all images.
///
/// 1. A 16-bit value `v` becomes `min(255, (255·v + M/2) / M)` in integer arithmetic, where `M` is `largestValue`; a
/// 16-bit alpha becomes `(255·a + 32767) / 65535`. 8-bit values stay unchanged.
/// 2. A pixel with alpha `a` is blended with `background`: `(v·a + background·(255 - a) + 127) / 255` in integer
/// arithmetic.
/// 3. If the set is in colour, grey becomes three equal values. In a grey set no image has colours.
package struct PixelReading: Hashable, Codable, Sendable {
  /// Number of values per pixel: 1 for grey, 3 for red, green and blue.
  package var channels: Int
  /// The largest value of the 16-bit training images, which becomes 255; nil if no image has 16 bits.
  package var largestValue: Int?
  /// The background of transparent pixels, 0 or 255; nil if there are none.
  package var background: Int?

  /// A conversion.
  package init(channels: Int, largestValue: Int? = nil, background: Int? = nil) {
    self.channels = channels
    self.largestValue = largestValue
    self.background = background
  }

  /// Returns the bytes of an image, shape `[height, width, self.channels]`.
  func bytes(of samples: ImageSamples, _ header: ImageHeader) -> [UInt8] {
    var bytes: [UInt8]
    switch samples {
    case .bytes(let stored): bytes = stored
    case .words(let stored): bytes = scaled(stored, header)
    }
    if header.hasAlpha { bytes = composited(bytes, header.channels) }
    guard channels != header.channels else { return bytes }
    precondition(channels == 3, "a grey set has no images in colour")
    var colored: [UInt8] = []
    colored.reserveCapacity(3 * bytes.count)
    for value in bytes { colored += [value, value, value] }
    return colored
  }

  /// Returns `0.299·red + 0.587·green + 0.114·blue`, rounded, as in JPEG.
  static func grey<Value: FixedWidthInteger>(_ red: Value, _ green: Value, _ blue: Value) -> Value {
    let sum = 299 * Int(red) + 587 * Int(green) + 114 * Int(blue)
    return Value((sum + 500) / 1000)
  }

  private func scaled(_ stored: [UInt16], _ header: ImageHeader) -> [UInt8] {
    let largest = max(1, largestValue ?? 0xFFFF)
    let values = header.channels + (header.hasAlpha ? 1 : 0)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(stored.count)
    for (index, value) in stored.enumerated() {
      let isAlpha = header.hasAlpha && index % values == header.channels
      bytes.append(isAlpha ? Self.byte(ofAlpha: value) : Self.byte(of: value, largest: largest))
    }
    return bytes
  }

  /// Converts a 16-bit alpha to 8 bits.
  static func byte(ofAlpha alpha: UInt16) -> UInt8 { UInt8((255 * Int(alpha) + 32767) / 65535) }

  private static func byte(of value: UInt16, largest: Int) -> UInt8 {
    let scaled = (255 * Int(value) + largest / 2) / largest
    return UInt8(min(255, scaled))
  }

  private func composited(_ bytes: [UInt8], _ channels: Int) -> [UInt8] {
    let background = self.background ?? 0
    var opaque: [UInt8] = []
    opaque.reserveCapacity(bytes.count / (channels + 1) * channels)
    for start in stride(from: 0, to: bytes.count, by: channels + 1) {
      let alpha = Int(bytes[start + channels])
      for value in bytes[start..<start + channels] {
        opaque.append(UInt8((Int(value) * alpha + background * (255 - alpha) + 127) / 255))
      }
    }
    return opaque
  }
}
