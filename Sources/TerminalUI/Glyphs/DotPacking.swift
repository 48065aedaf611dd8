/// How the dots of a chart are packed into cells: so many columns and rows of dots a cell, and a glyph for every
/// pattern of them.
package struct DotPacking: Sendable {
  /// Columns of dots in a cell.
  package let columns: Int
  /// Rows of dots in a cell.
  package let rows: Int
  /// The glyph of each pattern: bit `row · columns + column` says that the dot is set.
  package let glyphs: [Unicode.Scalar]

  /// Whether set dots fill their place, so that they touch each other.
  package let isSolid: Bool
  /// How much of the ground is in the tone of a cell full of faint dots, 0...1; nil where a tone would not look like
  /// dots.
  package let tone: Double?

  /// 2×4 dots: braille, U+2800...U+28FF.
  package static let braille = DotPacking(
    columns: 2, rows: 4,
    glyphs: (0..<256).map { pattern in
      // Unicode numbers the dots down the left column, then the right, and adds the bottom row later.
      let weights: [UInt32] = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80]
      let bits = weights.indices.reduce(UInt32(0)) { $0 | (pattern >> $1 & 1 == 1 ? weights[$1] : 0) }
      return pattern == 0 ? " " : Unicode.Scalar(0x2800 + bits) ?? " "
    }, isSolid: false, tone: 0.85)

  /// 2×2 dots: quadrants and half blocks.
  package static let quadrants = DotPacking(
    columns: 2, rows: 2, glyphs: Array(" ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█".unicodeScalars),
    isSolid: true, tone: 0.62)

  /// 1×3 dots, by the height at which an ASCII glyph has its ink.
  package static let ascii = DotPacking(
    columns: 1, rows: 3, glyphs: Array(" '-\".:;|".unicodeScalars), isSolid: true, tone: nil)
}
