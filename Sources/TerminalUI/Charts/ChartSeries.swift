package import TrainingMetrics

/// A metric series as a chart draws it.
package struct ChartSeries: Sendable {
  /// How the line is drawn; `sparse` sets a dot every few columns, for what stands behind the other series.
  package enum Stroke: Hashable, Sendable { case solid, dashed, sparse }

  /// The points.
  package var series: MetricSeries
  /// The line's colour; the band behind it is a fainter one.
  package var color: Color
  /// Its name in the legend; an empty one leaves it out of the legend.
  package var label: String
  /// How much of the past the line keeps, 0 (none) to below 1; the raw values stay behind it as a band.
  package var smoothing: Double
  /// Whether the least and greatest values stand behind the line.
  package var showsBand: Bool
  /// How the line is drawn.
  package var stroke: Stroke
  /// Whether an error has ended the series: its last good value bears a mark.
  package var hasFailed: Bool
  /// The last step of which the series tells something; a cursor beyond it reads nothing. nil where the newest value holds.
  package var lastStep: Int?
  /// A letter that stands on the line here and there, where colours don't tell the lines apart; nil for none.
  package var letter: Unicode.Scalar?

  /// The place of the value that holds at a step; nil before the first and behind the last.
  func index(atStep step: Int) -> Int? {
    if let lastStep, step > lastStep { return nil }
    let index = series.firstIndex(atOrAfter: step + 1) - 1
    return index >= 0 ? index : nil
  }

  /// A series in a colour.
  package init(
    _ series: MetricSeries, color: Color, label: String = "", smoothing: Double = 0, showsBand: Bool = true,
    stroke: Stroke = .solid, hasFailed: Bool = false, lastStep: Int? = nil
  ) {
    self.series = series
    self.color = color
    self.label = label
    self.smoothing = smoothing
    self.showsBand = showsBand
    self.stroke = stroke
    self.hasFailed = hasFailed
    self.lastStep = lastStep
  }
}
