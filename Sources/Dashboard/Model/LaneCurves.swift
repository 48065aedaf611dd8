package import EngineProtocol
package import TrainingMetrics

/// What is measured of a lane along a stretch of its course.
package struct LaneCurves: Sendable {
  /// Every metric series; the older points of a long one are summed up.
  package private(set) var series: [MetricKey: MetricSeries] = [:]
  /// The epochs in order, from the report before the first step on.
  package private(set) var reports: [EpochReport] = []
  /// Validation accuracy with the latent weights in place of their signs, a point each epoch; empty where there is none.
  package private(set) var latentAccuracy = MetricSeries()

  /// Nothing measured yet.
  package init() {}

  /// The newest step of any curve; nil where nothing was measured.
  package var lastStep: Int? { (series.values.compactMap(\.last?.step) + reports.suffix(1).map(\.step)).max() }

  /// Adds an epoch.
  mutating func append(_ report: EpochReport) {
    reports.append(report)
    guard let accuracy = report.latentValidationAccuracy else { return }
    Self.append([MetricPoint(step: report.step, value: Float(accuracy))], to: &latentAccuracy)
  }

  /// Adds points to a series.
  mutating func append(_ points: some Sequence<MetricPoint>, to key: MetricKey) {
    Self.append(points, to: &series[key, default: MetricSeries()])
  }

  /// Takes a series as it is.
  mutating func replace(_ key: MetricKey, with series: MetricSeries) { self.series[key] = series }

  /// Adds what `other` has at the steps `steps`.
  /// - Parameter joining: whether each curve also gets the last point before, where the curves part.
  mutating func append(_ other: LaneCurves, steps: ClosedRange<Int>, joining: Bool = false) {
    for (key, part) in other.series {
      Self.append(part, steps, joining: joining, to: &series[key, default: MetricSeries()])
    }
    Self.append(other.latentAccuracy, steps, joining: joining, to: &latentAccuracy)
    reports += other.reports.filter { steps.contains($0.step) }
  }

  // A step that goes back begins the series anew: those points belong to another course.
  private static func append(_ points: some Sequence<MetricPoint>, to series: inout MetricSeries) {
    var last = series.last?.step ?? .min
    for point in points {
      if point.step < last { series = MetricSeries() }
      series.append(point)
      last = point.step
    }
    series.coarsen()
  }

  private static func append(
    _ other: MetricSeries, _ steps: ClosedRange<Int>, joining: Bool, to series: inout MetricSeries
  ) {
    let first = other.firstIndex(atOrAfter: steps.lowerBound)
    let end = steps.upperBound == .max ? other.count : other.firstIndex(atOrAfter: steps.upperBound + 1)
    guard first < end else { return }
    let places = (joining ? max(0, first - 1) : first)..<end
    if let last = series.last, other.points[places.lowerBound].step < last.step { series = MetricSeries() }
    series.append(places, of: other)
    series.coarsen()
  }
}
