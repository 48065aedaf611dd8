import TerminalUI
import TrainingMetrics

/// The newest column of a sparkline: while it stays as it is, so does the whole.
struct SparklineTip: Hashable, Sendable {
  private let steps: ClosedRange<Double>
  private let highest: Double
  private let column: Int
  private let level: Int

  init(_ series: MetricSeries, in area: Rect, steps: ClosedRange<Double>, highest: Double) {
    self.steps = steps
    self.highest = highest
    let width = (steps.upperBound - steps.lowerBound) / Double(max(1, area.width))
    let last = min(Double(series.last?.step ?? 0), steps.upperBound)
    let place = width > 0 ? max(0, ((last - steps.lowerBound) / width).rounded(.down)) : 0
    column = Int(min(place, 1e6))
    let first = series.firstIndex(atOrAfter: Int((steps.lowerBound + place * width).rounded(.up)))
    let value = Double(series.summary(of: first..<series.count).maximum)
    // To eighths of a row, as bars are drawn.
    level = value.isFinite ? Int((min(value, highest) / highest * Double(8 * area.height)).rounded()) : -1
  }
}
