package import Tensors

/// Batch normalization of every feature, `y = γ·(x - μ)/√(σ² + ε) + β`, and the activation behind it, in one pass over the
/// memory. Its kind may be one that multiplies by powers of two only; see `BatchNormalizationNumbers.Kind`.
/// - SeeAlso: Ioffe and Szegedy 2015, arXiv:1502.03167.
package final class BatchNormalization: Layer {
  /// What becomes of y.
  package enum Activation {
    /// y itself.
    case identity
    /// max(0, y).
    case relu
    /// -1 where y < 0, else +1, or drawn in training as `SignActivation` does; the gradient is the estimator's.
    case sign
  }

  package let name: String
  /// γ, shape `[1, features]`.
  package let scale: Parameter
  /// β, shape `[1, features]`.
  package let shift: Parameter
  /// The mean that inference uses, shape `[1, features]`.
  package let runningMean: Tensor
  /// The variance that inference uses, shape `[1, features]`.
  package let runningVariance: Tensor
  /// Epsilon and momentum; the momentum may be set between two batches.
  package var numbers: BatchNormalizationNumbers
  /// What follows.
  package let activation: Activation
  /// What the sign's gradient is taken to be; it may be set between two batches.
  package var estimator: SignEstimator
  /// Whether training draws the signs; it may be set between two batches.
  package var isStochastic = false

  private let stream: UInt32
  private let statistics: BatchStatistics
  private let output: Tensor
  private let signs: SignBatch
  // The linear layer whose output is the input, where that is computed a second time rather than kept.
  private let source: Linear?
  private var input: Tensor

  /// A normalization with γ = 1, β = 0, running mean 0 and variance 1.
  /// - Parameters:
  ///   - source: the layer before this one, if it does not keep its output.
  ///   - stream: the random stream that signs are drawn from.
  package init(
    name: String, features: Int, numbers: BatchNormalizationNumbers, activation: Activation = .identity,
    estimator: SignEstimator = .init(), source: Linear? = nil, stream: UInt32 = 0
  ) {
    self.name = name
    self.numbers = numbers
    self.activation = activation
    self.estimator = estimator
    self.source = source
    self.stream = stream
    scale = Parameter(name: "\(name).scale", rows: 1, columns: features)
    shift = Parameter(name: "\(name).shift", rows: 1, columns: features)
    runningMean = Tensor(rows: 1, columns: features)
    runningVariance = Tensor(rows: 1, columns: features)
    scale.value.fill(1)
    runningVariance.fill(1)
    statistics = BatchStatistics(columns: features, kind: numbers.kind ?? .standard)
    output = Tensor(rows: 0, columns: features)
    signs = SignBatch(features: features)
    input = output
  }

  package var parameters: [Parameter] { [scale, shift] }
  package var buffers: [(name: String, tensor: Tensor)] {
    [("\(name).runningMean", runningMean), ("\(name).runningVariance", runningVariance)]
  }
  package var keptBytes: Int { activation == .sign ? signs.byteCount : 4 * output.count }

  package func forward(_ input: Activations, _ pass: PassContext) -> Activations {
    let (compute, input) = (pass.compute, input.tensor)
    self.input = input
    if pass.isTraining || pass.estimatesStatistics {
      compute.gatherStatistics(
        input, runningMean: runningMean, runningVariance: runningVariance, numbers: numbers, into: statistics)
    } else {
      compute.useStatistics(
        mean: runningMean, variance: runningVariance, epsilon: numbers.epsilon, into: statistics)
    }
    guard activation == .sign else {
      compute.normalize(
        input, statistics, scale: scale.value, shift: shift.value, rectifies: activation == .relu, into: output)
      return .real(output)
    }
    compute.normalizeToSigns(
      input, statistics, scale: scale.value, shift: shift.value, estimator,
      random: pass.draws(isStochastic, stream: stream), into: signs)
    return .signs(signs)
  }

  package func backward(_ outputGradient: Tensor, needsInputGradient: Bool, _ pass: PassContext) -> Tensor {
    let gate: GradientGate =
      switch activation {
      case .identity: .open
      case .relu: .rectifier(output: output)
      case .sign: .estimated(signs, estimator, input: nil)
      }
    pass.compute.normalizationGradient(
      outputGradient, gate: gate, input: source?.output(pass) ?? input, statistics, scale: scale.value,
      shift: shift.value, scaleGradient: scale.gradient, shiftGradient: shift.gradient)
    return outputGradient
  }
}
