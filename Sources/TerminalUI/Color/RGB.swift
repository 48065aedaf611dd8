/// A colour as red, green and blue, with the arithmetic that themes need.
struct RGB: Hashable, Sendable {
  /// Red, green and blue, 0...255.
  var red: Double, green: Double, blue: Double

  /// The colour `0xRRGGBB`.
  init(_ value: UInt32) {
    red = Double(value >> 16 & 255)
    green = Double(value >> 8 & 255)
    blue = Double(value & 255)
  }

  /// The colour as `0xRRGGBB`.
  var value: UInt32 {
    func byte(_ x: Double) -> UInt32 { UInt32(max(0, min(255, x.rounded()))) }
    return byte(red) << 16 | byte(green) << 8 | byte(blue)
  }

  /// `self` with `share` (0...1) of `other` mixed in.
  func mixed(with other: RGB, share: Double) -> RGB {
    var result = self
    result.red += (other.red - red) * share
    result.green += (other.green - green) * share
    result.blue += (other.blue - blue) * share
    return result
  }

  /// Relative luminance, 0 (black) to 1 (white), after WCAG 2.1.
  var luminance: Double {
    0.2126 * RGB.linear(red) + 0.7152 * RGB.linear(green) + 0.0722 * RGB.linear(blue)
  }

  /// The contrast ratio with another colour, 1 (none) to 21, after WCAG 2.1: `(L₁ + 0.05) / (L₂ + 0.05)`.
  func contrast(with other: RGB) -> Double {
    let lighter = max(luminance, other.luminance)
    let darker = min(luminance, other.luminance)
    return (lighter + 0.05) / (darker + 0.05)
  }

  /// The colour, moved towards `anchor` as little as gives it the contrast `ratio` with `background`.
  func legible(on background: RGB, ratio: Double, towards anchor: RGB) -> RGB {
    var share = 0.0
    var result = self
    while result.contrast(with: background) < ratio, share < 1 {
      share += 0.1
      result = mixed(with: anchor, share: share)
    }
    return result
  }

  /// A colour component of sRGB without its gamma, 0...1.
  static func linear(_ component: Double) -> Double {
    let c = component / 255
    return c <= 0.04045 ? c / 12.92 : power((c + 0.055) / 1.055, 2.4)
  }
}
