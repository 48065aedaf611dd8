extension Frame {
  /// Draws a box inside the edges of `rect`, with titles in its top edge.
  ///
  /// The titles are surrounded by blanks, `title` at the left and `trailing` at the right; if both don't fit, the
  /// trailing
  /// one is omitted, then the title is truncated. The interior is not changed.
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

extension Frame {
  /// Draws a horizontal bar that fills `share` (0...1) of `width` cells, at the resolution of the glyphs.
  ///
  /// A share above 0 is always visible.
  package mutating func bar(_ share: Double, x: Int, y: Int, width: Int, style: Style, glyphs: GlyphSet) {
    guard width > 0, share > 0 else { return }
    let levels = glyphs.horizontalLevels.count - 1
    var rest = max(1, Int((min(1, share) * Double(width * levels)).rounded()))
    var column = x
    while rest > 0 {
      self[column, y] = Cell(glyphs.horizontalLevels[min(rest, levels)], style: style)
      rest -= levels
      column += 1
    }
  }

  /// Draws a scroll bar for `visible` of `count` rows starting at `offset`; nothing if all are visible.
  package mutating func scrollBar(
    x: Int, y: Int, height: Int, offset: Int, visible: Int, count: Int, theme: Theme, glyphs: GlyphSet
  ) {
    guard height > 0, count > visible, visible > 0 else { return }
    let handle = max(1, height * visible / count)
    let range = count - visible
    let top = range > 0 ? (height - handle) * min(offset, range) / range : 0
    for row in 0..<height {
      let isHandle = row >= top && row < top + handle
      self[x, y + row] = Cell(
        isHandle ? glyphs.scrollHandle : glyphs.scrollTrack, style: theme.style(isHandle ? .faint : .border))
    }
  }
}

extension Frame {
  /// Sets the selection's background in `rect`, with bold text if the list has the focus.
  package mutating func highlight(_ rect: Rect, theme: Theme, isFocused: Bool) {
    let selection = theme.style(.text, on: .selection)
    restyle(rect) { style in
      style.background = selection.background
      style.attributes.formUnion(selection.attributes)
      if isFocused { style.attributes.insert(.bold) }
    }
  }
}
