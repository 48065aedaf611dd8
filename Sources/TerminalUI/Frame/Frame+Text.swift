extension Frame {
  /// Draws a line of text.
  ///
  /// A glyph that is two columns wide takes two cells or none. Marks that combine with the glyph before them are left
  /// out, since a cell has one scalar; control characters become `�`, so that nothing read from a file reaches the
  /// terminal as a command.
  /// - Parameters:
  ///   - s: one line.
  ///   - x: the column of the first glyph; it may lie left of the frame.
  ///   - y: the row.
  ///   - style: of all glyphs.
  ///   - maxWidth: at most so many columns; a longer text ends in `…`.
  /// - Returns: the columns used.
  @discardableResult
  package mutating func text(_ s: String, x: Int, y: Int, style: Style, maxWidth: Int? = nil) -> Int {
    let room = maxWidth ?? Int.max
    guard room > 0 else { return 0 }
    // No scalar is wider than its UTF-8 is long, so a short text needs no measuring.
    let isTruncated = s.utf8.count > room && displayWidth(s) > room
    let limit = isTruncated ? room - 1 : room
    let visible = y >= 0 && y < height
    var column = 0
    if visible { severWideGlyph(x: x, y: y) }
    var joins = false
    for scalar in s.unicodeScalars {
      if joins {
        joins = false
        continue
      }
      let columns = displayWidth(scalar)
      if columns == 0 {
        joins = scalar.value == 0x200D
        continue
      }
      if column + columns > limit { break }
      if visible { put(scalar, columns: columns, x: x + column, y: y, style: style) }
      column += columns
    }
    if isTruncated {
      if visible { self[x + column, y] = Cell("…", style: style) }
      column += 1
    }
    // The head of a wide glyph was overwritten: its tail is no use alone.
    if visible, self[x + column, y].glyph == Cell.continuation { self[x + column, y].glyph = " " }
    return column
  }

  /// Draws pieces of text one after another; the line as a whole is cut off with `…` after `maxWidth` columns.
  /// - Returns: the columns used.
  @discardableResult
  package mutating func text(_ pieces: [StyledText], x: Int, y: Int, maxWidth: Int? = nil) -> Int {
    var column = 0
    for (index, piece) in pieces.enumerated() {
      guard let maxWidth else {
        column += text(piece.text, x: x + column, y: y, style: piece.style)
        continue
      }
      let room = maxWidth - column
      if room <= 0 { break }
      let isLast = index == pieces.count - 1
      let width = displayWidth(piece.text)
      if isLast || width < room || (width == room && displayWidth(Array(pieces[(index + 1)...])) == 0) {
        column += text(piece.text, x: x + column, y: y, style: piece.style, maxWidth: room)
      } else {
        // More follows than fits: this piece gives its last column to the ellipsis.
        let cut = width == room ? piece.text + "…" : piece.text
        column += text(cut, x: x + column, y: y, style: piece.style, maxWidth: room)
        break
      }
    }
    return column
  }

  /// Draws text that ends at column `maxX - 1`.
  /// - Returns: the columns used.
  @discardableResult
  package mutating func text(_ s: String, endingAt maxX: Int, y: Int, style: Style, maxWidth: Int? = nil) -> Int {
    let width = min(displayWidth(s), maxWidth ?? Int.max)
    return text(s, x: maxX - width, y: y, style: style, maxWidth: maxWidth)
  }

  private mutating func put(_ scalar: Unicode.Scalar, columns: Int, x: Int, y: Int, style: Style) {
    if columns == 1 {
      let glyph = scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) ? "\u{FFFD}" : scalar
      self[x, y] = Cell(glyph, style: style)
    } else if x >= 0, x + 1 < width {
      self[x, y] = Cell(scalar, style: style)
      self[x + 1, y] = Cell(Cell.continuation, style: style)
    } else {
      // Half of a wide glyph would stand outside.
      self[x, y] = Cell(" ", style: style)
      self[x + 1, y] = Cell(" ", style: style)
    }
  }
}

/// A piece of text in one style; a line of several colours is an array of them.
package struct StyledText: Hashable, Sendable {
  /// The text.
  package var text: String
  /// How it looks.
  package var style: Style

  /// A text in a style.
  package init(_ text: String, _ style: Style) {
    self.text = text
    self.style = style
  }
}

/// How many columns a line of styled pieces takes on the screen.
package func displayWidth(_ pieces: [StyledText]) -> Int { pieces.reduce(0) { $0 + displayWidth($1.text) } }

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
