package import TrainingMetrics

/// Asks for the points of a series within some steps, as they were measured: what `EngineEvent.sketch` sums up.
package struct PointsRequest: Hashable, Codable, Sendable {
  /// At most so many points are told at once, the first ones.
  package static let mostPoints = 16_384

  /// The lane's name.
  package var lane: String
  /// The lane's branch.
  package var branch: Int
  /// What is measured.
  package var metric: Metric
  /// The layer's name, or nil for a figure of the whole network.
  package var layer: String?
  /// The first step.
  package var first: Int
  /// The last step.
  package var last: Int

  /// Asks for the points of a series at `steps`.
  package init(_ key: SeriesKey, steps: ClosedRange<Int>) {
    (lane, branch, metric, layer) = (key.lane, key.branch, key.key.metric, key.key.layer)
    (first, last) = (steps.lowerBound, steps.upperBound)
  }

  /// The series.
  package var key: SeriesKey { SeriesKey(lane: lane, branch: branch, MetricKey(metric, layer: layer)) }
}
