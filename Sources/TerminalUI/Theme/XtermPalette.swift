import TrainingMetrics

/// The colours of xterm's palette, and the one that looks most like a given colour.
package enum XtermPalette {
  /// The usual values of the 16 colours; terminals' owners change them.
  package static let ansi: [UInt32] = [
    0x000000, 0xCD0000, 0x00CD00, 0xCDCD00, 0x0000EE, 0xCD00CD, 0x00CDCD, 0xE5E5E5, 0x7F7F7F, 0xFF0000, 0x00FF00,
    0xFFFF00, 0x5C5CFF, 0xFF00FF, 0x00FFFF, 0xFFFFFF,
  ]

  /// Colours 16...255: a cube of 6×6×6, then 24 greys.
  package static let extended: [UInt32] = {
    let levels: [UInt32] = [0, 95, 135, 175, 215, 255]
    var result: [UInt32] = []
    for red in levels { for green in levels { for blue in levels { result.append(red << 16 | green << 8 | blue) } } }
    for grey in 0..<24 { result.append((8 + 10 * UInt32(grey)) * 0x010101) }
    return result
  }()

  private static let extendedLab = extended.map { OKLab($0) }
  private static let ansiLab = ansi.map { OKLab($0) }

  /// The colour of 16...255 that looks most like `rgb` (`0xRRGGBB`); the 16 before it may look like anything.
  ///
  /// A colour keeps its hue: the nearest of all to a dim blue is often a grey, and a chart's band would lose its line.
  package static func nearest256(to rgb: UInt32) -> Int {
    let wanted = OKLab(rgb)
    guard wanted.chroma > 0.035 else { return 16 + nearest(to: rgb, among: extendedLab) }
    var best = 0
    var least = Double.infinity
    for (index, color) in extendedLab.enumerated() where color.chroma > 0.6 * wanted.chroma {
      // 0 for the same hue; it counts most, and the lightness least.
      let hue = wanted.chroma * color.chroma - wanted.a * color.a - wanted.b * color.b
      let lightness = color.lightness - wanted.lightness
      let distance = color.squaredDistance(to: wanted) - 0.5 * lightness * lightness + 20 * hue
      if distance < least { (best, least) = (index, distance) }
    }
    return 16 + best
  }

  /// The colour of 0...`count`-1 (8 or 16) that looks most like `rgb`.
  package static func nearestANSI(to rgb: UInt32, count: Int) -> Int {
    nearest(to: rgb, among: Array(ansiLab.prefix(max(1, count))))
  }

  /// How light a colour (`0xRRGGBB`) looks, 0...1.
  package static func lightness(of rgb: UInt32) -> Double { OKLab(rgb).lightness }

  private static func nearest(to rgb: UInt32, among colors: [OKLab]) -> Int {
    let wanted = OKLab(rgb)
    var best = 0
    var least = Double.infinity
    for (index, color) in colors.enumerated() {
      let distance = color.squaredDistance(to: wanted)
      if distance < least { (best, least) = (index, distance) }
    }
    return best
  }
}

/// A colour in a space where equal distances look equally different.
///
/// Distances in RGB take a dark blue-grey for a green one; these don't.
/// - SeeAlso: Björn Ottosson, “A perceptual color space for image processing”, 2020.
struct OKLab: Hashable, Sendable {
  /// Lightness, 0...1.
  var lightness: Double
  /// From green to red.
  var a: Double
  /// From blue to yellow.
  var b: Double

  /// The colour of `0xRRGGBB`.
  init(_ value: UInt32) {
    let color = RGB(value)
    let (red, green, blue) = (RGB.linear(color.red), RGB.linear(color.green), RGB.linear(color.blue))
    let l = power(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue, 1 / 3)
    let m = power(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue, 1 / 3)
    let s = power(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue, 1 / 3)
    lightness = 0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s
    a = 1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s
    b = 0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s
  }

  /// How far the colour is from grey.
  var chroma: Double { (a * a + b * b).squareRoot() }

  /// The square of the distance to another colour.
  func squaredDistance(to other: OKLab) -> Double {
    let (dl, da, db) = (lightness - other.lightness, a - other.a, b - other.b)
    return dl * dl + da * da + db * db
  }
}

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
