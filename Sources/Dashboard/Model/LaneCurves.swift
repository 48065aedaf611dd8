package import EngineProtocol
package import TrainingMetrics

/// What is measured of a lane along a stretch of its course.
package struct LaneCurves: Sendable {
  /// Every metric series, at full length.
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

  /// Adds what `other` has at the steps `steps`.
  /// - Parameter joining: whether each curve also gets the last point before, where the curves part.
  mutating func append(_ other: LaneCurves, steps: ClosedRange<Int>, joining: Bool = false) {
    for (key, series) in other.series { append(Self.part(of: series, steps, joining: joining), to: key) }
    Self.append(Self.part(of: other.latentAccuracy, steps, joining: joining), to: &latentAccuracy)
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
  }

  private static func part(
    of series: MetricSeries, _ steps: ClosedRange<Int>, joining: Bool
  ) -> ArraySlice<MetricPoint> {
    let first = series.firstIndex(atOrAfter: steps.lowerBound)
    let end = steps.upperBound == .max ? series.count : series.firstIndex(atOrAfter: steps.upperBound + 1)
    guard first < end else { return [] }
    return series.points[(joining ? max(0, first - 1) : first)..<end]
  }
}
