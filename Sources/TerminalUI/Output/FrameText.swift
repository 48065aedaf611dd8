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
}
