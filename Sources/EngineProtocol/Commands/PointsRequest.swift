package import TrainingMetrics

/// A request for the points of a series within a range of steps at full resolution, which `EngineEvent.sketch`
/// summarizes.
package struct PointsRequest: Hashable, Codable, Sendable {
  /// The maximum number of points in an answer; later ones are left out.
  package static let mostPoints = 16_384

  /// The lane's name.
  package var lane: String
  /// The lane's branch.
  package var branch: Int
  /// What is measured.
  package var metric: Metric
  /// The layer's name; nil for a metric of the whole network.
  package var layer: String?
  /// The first step.
  package var first: Int
  /// The last step.
  package var last: Int

  /// A request for the points of a series at `steps`.
  package init(_ key: SeriesKey, steps: ClosedRange<Int>) {
    (lane, branch, metric, layer) = (key.lane, key.branch, key.key.metric, key.key.layer)
    (first, last) = (steps.lowerBound, steps.upperBound)
  }

  /// The series.
  package var key: SeriesKey { SeriesKey(lane: lane, branch: branch, MetricKey(metric, layer: layer)) }
}
