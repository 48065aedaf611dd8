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
