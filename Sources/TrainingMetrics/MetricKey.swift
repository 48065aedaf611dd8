/// Names one metric series of a lane: the metric, and the layer where it has one.
package struct MetricKey: Hashable, Codable, Sendable {
  /// What is measured.
  package var metric: Metric
  /// The layer's name, or nil for a figure of the whole network.
  package var layer: String?

  /// Names the series of `metric`, of `layer` or of the whole network.
  package init(_ metric: Metric, layer: String? = nil) {
    self.metric = metric
    self.layer = layer
  }
}
