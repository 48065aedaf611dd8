/// A hyperparameter that can be set while a lane trains.
///
/// The raw value is the name in `--set lane.NAME=value`, in experiments and in the journal.
package enum Hyperparameter: String, Codable, Sendable, CaseIterable {
  /// The learning rate; a schedule goes on from the new value in proportion.
  case learningRate
  /// Where a decaying schedule ends, as a learning rate.
  case finalLearningRate
  /// Momentum of SGD; 0 is plain SGD.
  case momentum
  /// Adam's decay of the first moment.
  case beta1
  /// Adam's decay of the second moment.
  case beta2
  /// L2 weight decay, added to the gradient of latent and float weights.
  case weightDecay
  /// The share of inputs that dropout sets to zero before the first layer.
  case inputDropout
  /// The share of hidden units that dropout sets to zero.
  case dropout
  /// Images a step.
  case batchSize
  /// Latent weights are clipped to `[-clipValue, clipValue]` after each update.
  case clipValue
  /// The sign activation's straight-through gradient passes where `|x| <= steWindow`.
  case steWindow
  /// How latent weights become bits in training: `deterministic` or `stochastic`.
  case binarization
  /// The share of the old running statistics that batch normalization keeps.
  case batchNormalizationMomentum
  /// How many epochs the lane trains.
  case epochs
}

/// How a hyperparameter is measured and stepped.
package enum HyperparameterScale: Hashable, Codable, Sendable {
  /// Equal steps of these sizes.
  case linear(fine: Double, coarse: Double)
  /// Equal ratios: fine steps through 1-1.2-1.5-2-2.5-3-4-5-6-8, coarse ones through 1-3-10.
  case logarithmic
  /// Whole numbers with steps of these sizes.
  case integer(fine: Int, coarse: Int)
  /// Whole powers of two.
  case powerOfTwo
  /// One of these words.
  case choice([String])
}

/// The declared range, scale and unit of a hyperparameter.
package struct HyperparameterSpecification: Hashable, Codable, Sendable {
  /// What it is called on the screen.
  package var title: String
  /// Its unit, empty where it has none.
  package var unit: String
  /// The values allowed; meaningless for a choice.
  package var range: ClosedRange<Double>
  /// How it is stepped.
  package var scale: HyperparameterScale
  /// One line on what it does.
  package var summary: String
}

/// A hyperparameter's value: a number, or one word of a choice.
package enum HyperparameterValue: Hashable, Sendable {
  /// A number within the specification's range.
  case number(Double)
  /// One of the specification's words.
  case word(String)
}
