package import Tensors

/// The settings of an optimizer. All may change between two updates. Moments are kept, except that a momentum of 0
/// clears the velocity.
package struct Optimizer: Hashable, Codable, Sendable {
  /// The rule that turns gradients into updates.
  package enum Kind: String, Codable, Sendable, CaseIterable {
    /// Stochastic gradient descent with momentum.
    case sgd
    /// Adam.
    case adam
    /// Adam with the largest gradient instead of the root mean square.
    case adaMax
    /// Shift-based AdaMax: rate and largest gradient are rounded to powers of two.
    case shiftAdaMax
    /// Bop for binary weights, which then have no latent weights; Adam for all other parameters.
    case bop

    /// Whether signs are those of latent weights; if not, the signs themselves are learned.
    package var hasLatentWeights: Bool { self != .bop }
  }

  /// The rule.
  package var kind: Kind
  /// SGD's momentum.
  package var momentum: Float
  /// The decay of the first moment in Adam and AdaMax.
  package var beta1: Float
  /// The decay of the second moment in Adam, and of the largest gradient in AdaMax.
  package var beta2: Float
  /// Bop's γ: the weight of a new gradient in the moving average.
  package var gamma: Float?
  /// Bop's τ: a sign flips if the moving average of gradients exceeds it.
  package var flipThreshold: Float?
  /// Added to the denominator of Adam and AdaMax to avoid division by zero.
  package var epsilon: Float
  /// L2 decay, `g += weightDecay · w`, of weights but not of biases and normalizations.
  package var weightDecay: Float
  /// Latent weights are clipped to `[-clipValue, clipValue]`.
  package var clipValue: Float
  /// The precision of the moments, which is not changed during a training; nil for float32. bfloat16 halves their memory,
  /// and is rounded stochastically.
  package var state: Precision?
  var decay = AdamDecay()

  /// The paper's γ.
  package static let defaultGamma: Float = 1e-4
  /// The paper's τ.
  package static let defaultThreshold: Float = 1e-8

  /// Settings of an optimizer.
  package init(
    kind: Kind, momentum: Float = 0, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8,
    weightDecay: Float = 0, clipValue: Float = 1, gamma: Float? = nil, flipThreshold: Float? = nil,
    state: Precision? = nil
  ) {
    self.kind = kind
    self.momentum = momentum
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.clipValue = clipValue
    self.gamma = gamma
    self.flipThreshold = flipThreshold
    self.state = state
  }

  /// Whether the rule keeps moments: SGD does only with momentum.
  package var hasMoments: Bool { kind != .sgd || momentum > 0 }

  /// Prepares newly initialized parameters for the first update.
  package func prepare(_ parameters: [Parameter], _ compute: Compute) {
    guard kind == .bop else { return }
    for parameter in parameters { compute.forgetSizes(of: parameter) }
  }

  /// Updates all parameters from their gradients.
  /// - Parameter pass: the step's pass, whose seed and step determine how bfloat16 moments are rounded.
  /// - Returns: the sums over all parameters.
  package mutating func update(
    _ parameters: [Parameter], learningRate: Float, _ pass: PassContext
  ) -> UpdateOutcome {
    let compute = pass.compute
    if kind != .sgd { decay.advance(beta1: beta1, beta2: beta2) }
    var sum = UpdateOutcome()
    for (index, parameter) in parameters.enumerated() {
      let rule: UpdateRule =
        switch kind {
        case .sgd: .sgd(momentum: momentum)
        case .bop where parameter.isBinary:
          .bop(gamma: gamma ?? Optimizer.defaultGamma, threshold: flipThreshold ?? Optimizer.defaultThreshold)
        case .adaMax: .adaMax(beta1: beta1, beta2: beta2, epsilon: epsilon, decay: decay)
        case .shiftAdaMax: .shiftAdaMax(beta1: beta1, beta2: beta2, decay: decay)
        case .adam, .bop: .adam(beta1: beta1, beta2: beta2, epsilon: epsilon, decay: decay)
        }
      let outcome = compute.update(
        parameter, rule: rule, rate: learningRate, weightDecay: parameter.isOperand ? weightDecay : 0,
        clipValue: clipValue,
        rounding: state == .bfloat16 ? pass.random(stream: NetworkLayout.Streams.rounding + UInt32(index)) : nil)
      sum.gradientSquareSum += outcome.gradientSquareSum
      sum.flips += outcome.flips
    }
    return sum
  }
}

// The defaults, which are the values recommended by each rule's authors.

extension Optimizer.Kind {
  /// The learning rate.
  package var defaultRate: Double {
    switch self {
    case .sgd: 0.1
    case .adam, .bop: 0.001
    case .adaMax: 0.002
    case .shiftAdaMax: 0x1p-10
    }
  }

  /// The decay of the first moment: 0.9; shift-based 1 - 2⁻³.
  package var defaultBeta1: Double { self == .shiftAdaMax ? 1 - 0x1p-3 : 0.9 }

  /// The decay of the second moment: 0.999; shift-based 1 - 2⁻¹⁰.
  package var defaultBeta2: Double { self == .shiftAdaMax ? 1 - 0x1p-10 : 0.999 }
}
