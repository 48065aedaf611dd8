/// What a metric series measures.
package enum Metric: String, Codable, CodingKeyRepresentable, Sendable, CaseIterable {
  /// Mean loss over one training batch, a point each step.
  case trainLoss
  /// Mean loss over the validation split, a point each epoch and one before the first step.
  case validationLoss
  /// Share of the validation split classified rightly, 0...1, a point each epoch and one before the first step.
  case validationAccuracy
  /// The optimizer's learning rate in the step.
  case learningRate
  /// Flips / weights of one update: `popcount(old signs XOR new signs) / N`; by layer, or of all binary layers.
  case flipRate
  /// Euclidean norm of the gradient over all parameters.
  case gradientNorm
  /// Training throughput in images per second.
  case imagesPerSecond

  /// Whether a point is measured at the end of an epoch, and not after each update.
  package var isOfEpochs: Bool { self == .validationLoss || self == .validationAccuracy }
}

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

/// One measured value of a series.
package struct MetricPoint: Hashable, Codable, Sendable {
  /// The lane's step (updates done) at which the value holds.
  package var step: Int
  /// The value; it may be NaN or infinite, and is kept as such.
  package var value: Float

  /// A value at a step.
  package init(step: Int, value: Float) {
    self.step = step
    self.value = value
  }
}
