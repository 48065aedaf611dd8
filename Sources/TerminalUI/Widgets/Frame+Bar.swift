extension Frame {
  /// Draws a horizontal bar that fills `share` (0...1) of `width` cells, as finely as the glyphs allow.
  ///
  /// A share above 0 always shows.
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

  /// Draws a scroll bar for `visible` of `count` rows from `offset` on; nothing when all are visible.
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
