/// How much of something is done.
package struct ProgressBar: Sendable {
  /// The share that is done, 0...1.
  package var share: Double
  /// The colour of the done part.
  package var color: Color

  /// A bar of which `share` is done.
  package init(_ share: Double, color: Color) {
    self.share = share.isFinite ? max(0, min(1, share)) : 0
    self.color = color
  }

  /// Draws the bar in the first row of `area`, half a cell fine.
  package func render(
    into frame: inout Frame, area: Rect, theme: Theme, glyphs: GlyphSet, background: ThemeRole = .background
  ) {
    guard area.width > 0, area.height > 0 else { return }
    // Only what is wholly done looks so.
    let halves = min(share < 1 ? area.width * 2 - 1 : area.width * 2, Int((share * Double(area.width * 2)).rounded()))
    let done = theme.style(color: color, on: background)
    let rest = theme.style(.border, on: background)
    for column in 0..<area.width {
      let cell =
        column * 2 + 1 < halves
        ? Cell(glyphs.progressDone, style: done)
        : column * 2 < halves ? Cell(glyphs.progressTip, style: done) : Cell(glyphs.progressRest, style: rest)
      frame[area.x + column, area.y] = cell
    }
  }
}
