/// Writes a frame as a picture.
///
/// Braille dots, blocks and box lines are drawn as shapes, so that the picture looks the same whatever font its reader
/// has; other glyphs are text, each in its place.
package struct FrameSVG: Sendable {
  /// The size of a cell in the picture.
  package var cellWidth: Double
  package var cellHeight: Double
  /// What a cell without colours has, as `0xRRGGBB`.
  package var foreground: UInt32
  package var background: UInt32
  /// The fonts of the text.
  package var fontFamily = "'JetBrains Mono','Cascadia Code','DejaVu Sans Mono',Menlo,Consolas,monospace"

  /// A picture in the colours of a theme.
  package init(theme: Theme, cellWidth: Double = 8, cellHeight: Double = 17) {
    self.cellWidth = cellWidth
    self.cellHeight = cellHeight
    let isDark = theme.variant == .dark
    foreground = theme.palette.count > 5 ? theme.palette[5] : isDark ? 0xD0D0D0 : 0x202020
    background = theme.palette.first ?? (isDark ? 0x101010 : 0xFAFAFA)
  }

  /// The picture's text.
  package func text(_ frame: Frame) -> String {
    let (width, height) = (Double(frame.width) * cellWidth, Double(frame.height) * cellHeight)
    var result =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(number(width)) \(number(height))\" "
      + "font-family=\"\(fontFamily)\" font-size=\"\(number(cellHeight * 0.78))\">\n"
      + "<rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"\(hex(background))\"/>\n"
    var shapes: [UInt32: String] = [:]
    var strokes: [UInt32: String] = [:]
    var texts = ""
    for y in 0..<frame.height {
      result += backgrounds(frame, y)
      var x = 0
      while x < frame.width {
        let cell = frame[x, y]
        let color = colors(cell.style).foreground
        let (left, top) = (Double(x) * cellWidth, Double(y) * cellHeight)
        if let path = CellShape.filled(cell.glyph, x: left, y: top, width: cellWidth, height: cellHeight) {
          shapes[color, default: ""] += path
        } else if let path = CellShape.stroked(cell.glyph, x: left, y: top, width: cellWidth, height: cellHeight) {
          strokes[color, default: ""] += path
        } else if cell.glyph != " ", cell.glyph != Cell.continuation {
          let end = wordEnd(frame, from: x, y: y)
          texts += word(frame, x..<end, y)
          x = end
          continue
        }
        x += 1
      }
    }
    for (color, path) in shapes.sorted(by: { $0.key < $1.key }) {
      result += "<path fill=\"\(hex(color))\" d=\"\(path)\"/>\n"
    }
    for (color, path) in strokes.sorted(by: { $0.key < $1.key }) {
      result += "<path fill=\"none\" stroke=\"\(hex(color))\" d=\"\(path)\"/>\n"
    }
    return result + texts + "</svg>\n"
  }

  /// Rectangles behind the cells of a row that have a background of their own.
  private func backgrounds(_ frame: Frame, _ y: Int) -> String {
    var result = ""
    var x = 0
    while x < frame.width {
      let color = colors(frame[x, y].style).background
      var end = x + 1
      while end < frame.width, colors(frame[end, y].style).background == color { end += 1 }
      if color != background {
        result +=
          "<rect x=\"\(number(Double(x) * cellWidth))\" y=\"\(number(Double(y) * cellHeight))\" "
          + "width=\"\(number(Double(end - x) * cellWidth))\" height=\"\(number(cellHeight))\" fill=\"\(hex(color))\"/>\n"
      }
      x = end
    }
    return result
  }

  /// The end of the glyphs of one style from `x` on that are text, without blanks.
  private func wordEnd(_ frame: Frame, from x: Int, y: Int) -> Int {
    let style = frame[x, y].style
    var end = x + 1
    while end < frame.width {
      let cell = frame[end, y]
      let isText = cell.glyph.isASCII && cell.glyph != " " && cell.glyph != Cell.continuation
      guard cell.style == style, isText, frame[x, y].glyph.isASCII else { break }
      end += 1
    }
    if end < frame.width, frame[end, y].glyph == Cell.continuation { end += 1 }
    return end
  }

  private func word(_ frame: Frame, _ columns: Range<Int>, _ y: Int) -> String {
    let style = frame[columns.lowerBound, y].style
    var content = ""
    for x in columns where frame[x, y].glyph != Cell.continuation {
      switch frame[x, y].glyph {
      case "&": content += "&amp;"
      case "<": content += "&lt;"
      case ">": content += "&gt;"
      case let glyph: content.unicodeScalars.append(glyph)
      }
    }
    var attributes = style.attributes.contains(.bold) ? " font-weight=\"bold\"" : ""
    if style.attributes.contains(.italic) { attributes += " font-style=\"italic\"" }
    if style.attributes.contains(.underline) { attributes += " text-decoration=\"underline\"" }
    return "<text x=\"\(number(Double(columns.lowerBound) * cellWidth))\" "
      + "y=\"\(number((Double(y) + 0.77) * cellHeight))\" textLength=\"\(number(Double(columns.count) * cellWidth))\" "
      + "lengthAdjust=\"spacingAndGlyphs\" fill=\"\(hex(colors(style).foreground))\"\(attributes)>\(content)</text>\n"
  }

  /// The colours of a style, with reversal and dimness worked in.
  private func colors(_ style: Style) -> (foreground: UInt32, background: UInt32) {
    func value(_ color: Color, _ fallback: UInt32) -> UInt32 {
      switch color.kind {
      case .terminalDefault: fallback
      case .ansi(let index): XtermPalette.ansi[Int(index)]
      case .rgb(let value): value
      }
    }
    var front = value(style.foreground, foreground)
    var back = value(style.background, background)
    if style.attributes.contains(.reverse) { swap(&front, &back) }
    if style.attributes.contains(.dim) { front = RGB(front).mixed(with: RGB(back), share: 0.45).value }
    return (front, back)
  }

  private func hex(_ color: UInt32) -> String {
    let digits = String(color, radix: 16)
    return "#" + String(repeating: "0", count: 6 - digits.count) + digits
  }

  private func number(_ value: Double) -> String { NumberFormat.compact((value * 100).rounded() / 100) }
}
