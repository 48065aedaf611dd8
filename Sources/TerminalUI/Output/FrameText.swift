/// Writes a frame as text.
package enum FrameText {
  /// The glyphs alone, a line a row, without blanks at the ends of lines.
  package static func plain(_ frame: Frame) -> String {
    var result = ""
    for y in 0..<frame.height {
      var line = String.UnicodeScalarView()
      for x in 0..<frame.width {
        let glyph = frame[x, y].glyph
        if glyph != Cell.continuation { line.append(glyph) }
      }
      while line.last == " " { line.removeLast() }
      result.unicodeScalars.append(contentsOf: line)
      if y < frame.height - 1 { result.append("\n") }
    }
    return result
  }

  /// The frame with ANSI escape sequences for colours and attributes, as a terminal shows it with `cat`.
  package static func ansi(_ frame: Frame) -> String {
    var result = ""
    for y in 0..<frame.height {
      var style = Style()
      for x in 0..<frame.width {
        let cell = frame[x, y]
        guard cell.glyph != Cell.continuation else { continue }
        if cell.style != style {
          style = cell.style
          result += sequence(style)
        }
        result.unicodeScalars.append(cell.glyph)
      }
      result += style == Style() ? "\n" : "\u{1B}[0m\n"
    }
    return result
  }

  private static func sequence(_ style: Style) -> String {
    var codes = ["0"]
    let attributes: [(Style.Attributes, String)] = [
      (.bold, "1"), (.dim, "2"), (.italic, "3"), (.underline, "4"), (.reverse, "7"),
    ]
    for (attribute, code) in attributes where style.attributes.contains(attribute) { codes.append(code) }
    for (color, base) in [(style.foreground, 30), (style.background, 40)] {
      switch color.kind {
      case .terminalDefault: break
      case .ansi(let index): codes.append(String(index < 8 ? base + Int(index) : base + 52 + Int(index)))
      case .rgb(let value): codes.append("\(base + 8);2;\(value >> 16 & 255);\(value >> 8 & 255);\(value & 255)")
      }
    }
    return "\u{1B}[" + codes.joined(separator: ";") + "m"
  }
}
