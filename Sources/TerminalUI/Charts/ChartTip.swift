import TrainingMetrics

/// The newest column of dots of a series in a chart: the only one that new points change.
struct ChartTip: Hashable, Sendable {
  // How many points there are: fewer than before are other ones.
  private var count: Int
  // The same, where every point may show: few of them, or one that is no number.
  private var exactCount: Int?
  private var column = 0
  // Its least, greatest and mean value in rows of dots.
  private var rows: [Int] = []
  // What the legend says.
  private var text = ""

  /// The tip of a series as a chart with this layout shows it.
  init(_ source: ChartSeries, of chart: LineChart, layout: ChartLayout, dots: DotPacking) {
    let series = source.series
    count = series.count
    let columns = layout.plot.width * dots.columns
    let width = (layout.steps.upperBound - layout.steps.lowerBound) / Double(max(1, columns))
    let begin = series.firstIndex(atOrAfter: Self.step(layout.steps.lowerBound))
    let end = series.firstIndex(atOrAfter: Self.step(layout.steps.upperBound.rounded(.down)) + 1)
    guard end - begin > columns, width > 0 else {
      exactCount = count
      return
    }
    column = Int((Double(series.points[end - 1].step) - layout.steps.lowerBound) / width)
    let first = series.firstIndex(atOrAfter: Self.step(layout.steps.lowerBound + Double(column) * width))
    let tip = series.summary(of: first..<end)
    if tip.nonFiniteCount > 0 || chart.cursorStep != nil { exactCount = count }
    let low = chart.yScale.project(layout.values.lowerBound)
    let high = chart.yScale.project(layout.values.upperBound)
    let height = Double(layout.plot.height * dots.rows - 1)
    // Off the scale all places look the same.
    rows = [Double(tip.minimum), Double(tip.maximum), tip.mean ?? .nan].map { value in
      let row = (chart.yScale.project(value) - low) / (high - low) * height
      return row.isNaN ? -1 : Int(max(-1, min(height + 1, row)).rounded())
    }
    if chart.showsLegend, !source.label.isEmpty, let last = series.last { text = chart.yUnit.text(Double(last.value)) }
  }

  /// Whether a series that had the tip `former` still looks the same, as far as can be seen while it moves.
  func looksLike(_ former: ChartTip, isMoving: Bool) -> Bool {
    (isMoving ? count >= former.count : count == former.count) && exactCount == former.exactCount
      && column == former.column && rows == former.rows
      && text == former.text
  }

  /// Whether it is in the same column as `former`, with no value that has to show at once.
  func isNear(_ former: ChartTip) -> Bool {
    count >= former.count && exactCount == former.exactCount && column == former.column
  }

  private static func step(_ value: Double) -> Int { Int(max(-1e15, min(1e15, value.rounded(.up)))) }
}
