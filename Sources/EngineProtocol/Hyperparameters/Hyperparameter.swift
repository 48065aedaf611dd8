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
  /// The decay of the first moment, of Adam and AdaMax.
  case beta1
  /// Adam's decay of the second moment, AdaMax's of the largest gradient.
  case beta2
  /// Bop's γ, the share of a gradient that the moving mean takes up.
  case gamma
  /// Bop's τ: a moving mean beyond it flips a sign.
  case flipThreshold
  /// L2 weight decay, added to the gradient of latent and float weights.
  case weightDecay
  /// The share of inputs that dropout sets to zero before the first layer.
  case inputDropout
  /// The share of hidden units that dropout sets to zero.
  case dropout
  /// The share of a cross-entropy's target that all classes have alike.
  case labelSmoothing
  /// How much the teacher counts beside the labels, where a lane learns from another.
  case distillationWeight
  /// How even the teacher's and the lane's outputs are made before they are compared.
  case distillationTemperature
  /// Images a step.
  case batchSize
  /// Latent weights are clipped to `[-clipValue, clipValue]` after each update.
  case clipValue
  /// The sign activation's straight-through gradient passes where `|x| <= steWindow`.
  case steWindow
  /// How latent weights become bits in training: `deterministic` or `stochastic`.
  case binarization
  /// How sign activations are made in training: `deterministic` or `stochastic`.
  case activations
  /// Epochs that the lane trains with its latent weights as they are, before their signs take their place.
  case binaryWeightsFrom
  /// The share of the old running statistics that batch normalization keeps.
  case batchNormalizationMomentum
  /// How many epochs the lane trains.
  case epochs
}
