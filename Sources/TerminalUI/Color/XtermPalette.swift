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
