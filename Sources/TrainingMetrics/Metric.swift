/// What a metric series measures.
package enum Metric: String, Codable, CodingKeyRepresentable, Sendable, CaseIterable {
  /// Mean loss over one training batch, one point per step.
  case trainLoss
  /// Mean loss over the validation split, one point per epoch and one before the first step.
  case validationLoss
  /// Accuracy on the validation split, 0...1, one point per epoch and one before the first step.
  case validationAccuracy
  /// The optimizer's learning rate at the step.
  case learningRate
  /// Flip rate of one update, `popcount(old signs XOR new signs) / N`; per layer, or over all binary layers.
  case flipRate
  /// Euclidean norm of the gradient over all parameters.
  case gradientNorm
  /// Training throughput in images per second.
  case imagesPerSecond

  /// Whether the metric is measured at the end of an epoch rather than after each update.
  package var isOfEpochs: Bool { self == .validationLoss || self == .validationAccuracy }
}

/// Identifies a metric series of a lane: the metric, and the layer if it is measured per layer.
package struct MetricKey: Hashable, Codable, Sendable {
  /// What is measured.
  package var metric: Metric
  /// The layer's name; nil for a metric of the whole network.
  package var layer: String?

  /// The series of `metric`, for `layer` or for the whole network.
  package init(_ metric: Metric, layer: String? = nil) {
    self.metric = metric
    self.layer = layer
  }
}

/// One measured value of a series.
package struct MetricPoint: Hashable, Codable, Sendable {
  /// The lane's step (updates done) at which the value was measured.
  package var step: Int
  /// The value, which may be NaN or infinite.
  package var value: Float

  /// A value at a step.
  package init(step: Int, value: Float) {
    self.step = step
    self.value = value
  }
}
