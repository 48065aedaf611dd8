package import TrainingMetrics

/// A series in one or a few rows of bars, without axes.
package struct Sparkline: Sendable {
  /// The values from left to right; NaN leaves a gap. When there are more than columns, the newest are shown.
  package var values: [Double]
  /// The bars' colour.
  package var color: Color
  /// The value of the lowest bar; nil takes the least value.
  package var lowest: Double?
  /// The value of a full bar; nil takes the greatest value.
  package var highest: Double?

  /// A sparkline of values.
  package init(values: [Double], color: Color, lowest: Double? = nil, highest: Double? = nil) {
    self.values = values
    self.color = color
    self.lowest = lowest
    self.highest = highest
  }

  /// A sparkline of a series, each column showing the greatest value of its steps.
  /// - Parameter steps: the steps shown; nil shows all.
  package init(
    series: MetricSeries, columns: Int, steps: ClosedRange<Double>? = nil, color: Color, lowest: Double? = 0,
    highest: Double? = nil
  ) {
    var values: [Double] = []
    if let first = series.points.first?.step, let last = series.last?.step {
      if series.count <= columns, steps == nil {
        values = series.points.map { Double($0.value) }
      } else {
        let range = steps ?? Double(first)...max(Double(first) + 1, Double(last))
        values = series.columns(columns, over: range).map { $0.count > 0 ? Double($0.maximum) : .nan }
      }
    }
    self.init(values: values, color: color, lowest: lowest, highest: highest)
  }

  /// Draws the bars at the left of `area`, over its whole height.
  package func render(
    into frame: inout Frame, area: Rect, theme: Theme, glyphs: GlyphSet, background: ThemeRole = .background
  ) {
    let shown = values.suffix(max(0, area.width))
    let finite = shown.filter(\.isFinite)
    guard area.height > 0, let least = finite.min(), let greatest = finite.max() else { return }
    let low = lowest ?? least
    let span = (highest ?? greatest) - low
    let levels = glyphs.verticalLevels.count - 1
    let style = theme.style(color: color, on: background)
    for (column, value) in shown.enumerated() where value.isFinite {
      let share = span > 0 ? max(0, min(1, (value - low) / span)) : value > low ? 1 : 0
      // A measured value always shows, be it the least.
      var rest = max(1, Int((share * Double(area.height * levels)).rounded()))
      var y = area.maxY - 1
      while rest > 0, y >= area.y {
        frame[area.x + column, y] = Cell(glyphs.verticalLevels[min(rest, levels)], style: style)
        rest -= levels
        y -= 1
      }
    }
  }
}

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
