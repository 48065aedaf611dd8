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
