extension Frame {
  /// Draws a box along the inside of `rect`, with a title in its upper edge.
  ///
  /// The titles stand in the upper edge with a blank on either side, `title` to the left and `trailing` to the right;
  /// where both don't fit, the trailing one is left out, then the title cut off. The inside is not touched.
  package mutating func border(
    _ rect: Rect, title: [StyledText] = [], trailing: [StyledText] = [], style: Style, glyphs: GlyphSet
  ) {
    guard rect.width >= 2, rect.height >= 2 else { return }
    let right = rect.maxX - 1
    let bottom = rect.maxY - 1
    horizontalRule(x: rect.x + 1, y: rect.y, width: rect.width - 2, style: style, glyphs: glyphs)
    horizontalRule(x: rect.x + 1, y: bottom, width: rect.width - 2, style: style, glyphs: glyphs)
    for y in rect.y + 1..<max(rect.y + 1, bottom) {
      self[rect.x, y] = Cell(glyphs.vertical, style: style)
      self[right, y] = Cell(glyphs.vertical, style: style)
    }
    self[rect.x, rect.y] = Cell(glyphs.topLeft, style: style)
    self[right, rect.y] = Cell(glyphs.topRight, style: style)
    self[rect.x, bottom] = Cell(glyphs.bottomLeft, style: style)
    self[right, bottom] = Cell(glyphs.bottomRight, style: style)

    let room = rect.width - 6
    guard room > 0 else { return }
    var used = 0
    if !title.isEmpty {
      used = text(title, x: rect.x + 3, y: rect.y, maxWidth: room)
      self[rect.x + 2, rect.y] = Cell(" ", style: style)
      self[rect.x + 3 + used, rect.y] = Cell(" ", style: style)
      used += 3
    }
    let tail = displayWidth(trailing)
    if tail > 0, used + tail <= room {
      let x = right - 2 - tail
      text(trailing, x: x, y: rect.y)
      self[x - 1, rect.y] = Cell(" ", style: style)
      self[x + tail, rect.y] = Cell(" ", style: style)
    }
  }

  /// Draws a horizontal line of `width` cells.
  package mutating func horizontalRule(x: Int, y: Int, width: Int, style: Style, glyphs: GlyphSet) {
    for column in x..<max(x, x + width) { self[column, y] = Cell(glyphs.horizontal, style: style) }
  }
}
