package import TrainingMetrics

/// Names a metric series of a run: the lane's, in one of its branches.
package struct SeriesKey: Hashable, Codable, Sendable {
  /// The lane's name.
  package var lane: String
  /// The lane's branch.
  package var branch: Int
  /// What is measured.
  package var key: MetricKey

  /// The series of a lane's branch.
  package init(lane: String, branch: Int, _ key: MetricKey) {
    self.lane = lane
    self.branch = branch
    self.key = key
  }
}
