/// Draws glyphs that are pictures rather than letters: as SVG paths within their cell.
enum CellShape {
  /// The outline of the filled parts of a braille or block glyph; nil for any other.
  static func filled(_ glyph: Unicode.Scalar, x: Double, y: Double, width: Double, height: Double) -> String? {
    let value = glyph.value
    func rectangle(_ left: Double, _ top: Double, _ right: Double, _ bottom: Double) -> String {
      "M\(text(x + left * width)) \(text(y + top * height))H\(text(x + right * width))V\(text(y + bottom * height))"
        + "H\(text(x + left * width))z"
    }
    switch value {
    case 0x2800...0x28FF:
      // Dots 1-3 and 7 down the left, 4-6 and 8 down the right.
      let places = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3)]
      let size = min(width * 0.3, height * 0.15)
      return places.indices.filter { (value - 0x2800) >> UInt32($0) & 1 == 1 }.map { index in
        let centerX = x + (Double(places[index].0) + 0.5) * width / 2
        let centerY = y + (Double(places[index].1) + 0.5) * height / 4
        return "M\(text(centerX - size / 2)) \(text(centerY - size / 2))h\(text(size))v\(text(size))h\(text(-size))z"
      }.joined()
    case 0x2580: return rectangle(0, 0, 1, 0.5)
    case 0x2581...0x2588: return rectangle(0, 1 - Double(value - 0x2580) / 8, 1, 1)
    case 0x2589...0x258F: return rectangle(0, 0, Double(0x2590 - value) / 8, 1)
    case 0x2590: return rectangle(0.5, 0, 1, 1)
    case 0x2596...0x259F:
      let patterns = [4, 8, 1, 13, 9, 7, 11, 2, 6, 14]
      let pattern = patterns[Int(value - 0x2596)]
      return (0..<4).filter { pattern >> $0 & 1 == 1 }.map { bit in
        let (column, row) = (Double(bit % 2), Double(bit / 2))
        return rectangle(column / 2, row / 2, column / 2 + 0.5, row / 2 + 0.5)
      }.joined()
    default: return nil
    }
  }

  /// The strokes of a box-drawing glyph; nil for any other.
  static func stroked(_ glyph: Unicode.Scalar, x: Double, y: Double, width: Double, height: Double) -> String? {
    let (middleX, middleY) = (x + width / 2, y + height / 2)
    let (right, bottom) = (x + width, y + height)
    func line(_ x0: Double, _ y0: Double, _ x1: Double, _ y1: Double) -> String {
      "M\(text(x0)) \(text(y0))L\(text(x1)) \(text(y1))"
    }
    func arc(_ x0: Double, _ y0: Double, _ x1: Double, _ y1: Double) -> String {
      "M\(text(x0)) \(text(y0))Q\(text(middleX)) \(text(middleY)) \(text(x1)) \(text(y1))"
    }
    switch glyph {
    case "─", "━": return line(x, middleY, right, middleY)
    case "╸": return line(x, middleY, middleX, middleY)
    case "│", "┃": return line(middleX, y, middleX, bottom)
    case "╭": return arc(right, middleY, middleX, bottom)
    case "╮": return arc(x, middleY, middleX, bottom)
    case "╰": return arc(middleX, y, right, middleY)
    case "╯": return arc(middleX, y, x, middleY)
    case "┤": return line(middleX, y, middleX, bottom) + line(x, middleY, middleX, middleY)
    case "┬": return line(x, middleY, right, middleY) + line(middleX, middleY, middleX, bottom)
    case "┊", "╌", "┈":
      return (0..<3).map { part in
        let (from, to) = (Double(part) / 3 + 0.08, Double(part) / 3 + 0.25)
        return glyph == "┊"
          ? line(middleX, y + from * height, middleX, y + to * height)
          : line(x + from * width, middleY, x + to * width, middleY)
      }.joined()
    default: return nil
    }
  }

  private static func text(_ value: Double) -> String { NumberFormat.compact((value * 100).rounded() / 100) }
}
