package import TrainingMetrics

/// Horizontal bars with a label before and a figure behind each.
package struct BarChart: Sendable {
  /// One bar.
  package struct Bar: Hashable, Sendable {
    /// What it counts.
    package var label: String
    /// Its length in the unit of all bars.
    package var value: Double
    /// What stands behind it; nil writes its share of the total in percent.
    package var text: String?
    /// Its colour; nil takes the chart's.
    package var color: Color?

    /// A bar.
    package init(_ label: String, _ value: Double, text: String? = nil, color: Color? = nil) {
      self.label = label
      self.value = value
      self.text = text
      self.color = color
    }
  }

  /// The bars from top to bottom.
  package var bars: [Bar]
  /// The bars' colour.
  package var color: Color
  /// The value of a bar over the whole width; nil takes the greatest value.
  package var full: Double?
  /// What the shares are shares of; nil takes the sum of all bars.
  package var total: Double?

  /// A chart of bars.
  package init(_ bars: [Bar], color: Color, full: Double? = nil, total: Double? = nil) {
    self.bars = bars
    self.color = color
    self.full = full
    self.total = total
  }

  /// Draws a bar a row from the top of `area`, as many as there are rows.
  package func render(
    into frame: inout Frame, area: Rect, theme: Theme, glyphs: GlyphSet, background: ThemeRole = .background
  ) {
    let shown = bars.prefix(max(0, area.height))
    let sum = total ?? bars.reduce(0) { $0 + $1.value }
    let texts = shown.map { bar in
      bar.text ?? (sum > 0 ? NumberFormat.percent(bar.value / sum, decimals: bar.value < 0.0995 * sum ? 1 : 0) : "")
    }
    let greatest = full ?? bars.map(\.value).max() ?? 0
    let labelWidth = min(shown.map { displayWidth($0.label) }.max() ?? 0, max(0, area.width / 2))
    let textWidth = texts.map { displayWidth($0) }.max() ?? 0
    let faint = theme.style(.faint, on: background)
    // The bars get what labels and figures leave; where that is next to nothing, the figures go first.
    var barWidth = area.width - labelWidth - 1 - textWidth - 1
    let showsText = barWidth >= 3
    if !showsText { barWidth = area.width - labelWidth - 1 }
    for (index, bar) in shown.enumerated() {
      let y = area.y + index
      frame.text(bar.label, x: area.x, y: y, style: faint, maxWidth: labelWidth)
      let x = area.x + labelWidth + 1
      let style = theme.style(color: bar.color ?? color, on: background)
      frame.bar(greatest > 0 ? bar.value / greatest : 0, x: x, y: y, width: barWidth, style: style, glyphs: glyphs)
      if showsText {
        frame.text(texts[index], endingAt: area.maxX, y: y, style: theme.style(.text, on: background))
      }
    }
  }
}

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
