package import TrainingMetrics

/// Vertical bars of a histogram, with its ends and its zero below.
package struct HistogramChart: Sendable {
  /// The counts.
  package var histogram: Histogram
  /// The bars' colour.
  package var color: Color
  /// Whether heights follow the counts' logarithms, so that rare values show beside frequent ones.
  package var isLogarithmic: Bool
  /// Whether the last row shows the ends of the interval.
  package var showsAxis: Bool

  /// A chart of a histogram.
  package init(_ histogram: Histogram, color: Color, isLogarithmic: Bool = false, showsAxis: Bool = true) {
    self.histogram = histogram
    self.color = color
    self.isLogarithmic = isLogarithmic
    self.showsAxis = showsAxis
  }

  /// Draws the bars over the whole width of `area`: several columns a bin, or several bins a column.
  package func render(
    into frame: inout Frame, area: Rect, theme: Theme, glyphs: GlyphSet, background: ThemeRole = .background
  ) {
    let bins = histogram.counts.count
    guard area.width > 0, area.height > 0, bins > 0 else { return }
    let axisRows = showsAxis && area.height > 1 ? 1 : 0
    let height = area.height - axisRows
    // Whole columns a bin, so that equal bins are equally wide.
    let perBin = max(1, area.width / bins)
    let perColumn = (bins * perBin + area.width - 1) / area.width
    let columns = perColumn > 1 ? (bins + perColumn - 1) / perColumn : bins * perBin
    let heights = (0..<columns).map { column -> Double in
      let first = perColumn > 1 ? column * perColumn : column / perBin
      let count = histogram.counts[first..<min(bins, first + perColumn)].reduce(0, +)
      return isLogarithmic ? decimalLogarithm(1 + Double(count)) : Double(count)
    }
    let highest = heights.max() ?? 0
    let levels = glyphs.verticalLevels.count - 1
    let style = theme.style(color: color, on: background)
    let left = area.x + (area.width - columns) / 2
    for (column, value) in heights.enumerated() where value > 0 {
      var rest = max(1, Int((value / highest * Double(height * levels)).rounded()))
      var y = area.y + height - 1
      while rest > 0 {
        frame[left + column, y] = Cell(glyphs.verticalLevels[min(rest, levels)], style: style)
        rest -= levels
        y -= 1
      }
    }
    guard axisRows == 1 else { return }
    let faint = theme.style(.faint, on: background)
    let (low, high) = (Double(histogram.lowerBound), Double(histogram.upperBound))
    let lowText = NumberFormat.compact(low)
    let highText = NumberFormat.compact(high)
    let y = area.maxY - 1
    let used = frame.text(lowText, x: left, y: y, style: faint, maxWidth: columns)
    let highStart = left + columns - displayWidth(highText)
    guard highStart > left + used else { return }
    frame.text(highText, x: highStart, y: y, style: faint)
    guard low < 0, high > 0 else { return }
    let zero = left + Int(-low / (high - low) * Double(columns))
    if zero > left + used, zero < highStart - 1 { frame.text("0", x: zero, y: y, style: faint) }
  }
}
