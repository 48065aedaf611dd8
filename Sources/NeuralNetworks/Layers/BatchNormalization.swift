package import Tensors

/// Batch normalization in a list of layers: `batchNormalization`.
package struct BatchNormalizationPlan: PlannedLayer {
  package static let name = "batchNormalization"
  package static let words = ["batchNormalization"]

  package init(word: String, _ keys: any LayerKeys) throws {}

  init() {}

  package var spelling: (word: String, keys: [(String, LayerValue)]) { ("batchNormalization", []) }
  package var effectOnBias: EffectOnBias { .isRemoved }

  package func fit(_ fitting: inout LayoutFitting, before following: ArraySlice<LayerPlan>) throws {
    guard let numbers = fitting.plan.batchNormalization else { return }
    let name = fitting.named("normalization")
    guard !fitting.hasSigns else {
      throw NetworkError(layer: name, expected: "floats to normalize", found: "signs")
    }
    try fitting.append(
      name,
      FittedBatchNormalization(
        features: fitting.shape.channels, epsilon: numbers.epsilon, isShiftBased: numbers.kind == .shift))
  }
}

extension LayerPlan {
  /// Batch normalization, per channel.
  package static let batchNormalization = LayerPlan(BatchNormalizationPlan())
}

/// Batch normalization for a given input shape.
package struct FittedBatchNormalization: FittedLayer {
  package static let words = ["batchNormalization"]

  /// Channels.
  package let features: Int
  /// The ε that is added to the variance.
  package let epsilon: Float
  /// Whether it multiplies by powers of two only.
  package let isShiftBased: Bool

  init(features: Int, epsilon: Float, isShiftBased: Bool) {
    self.features = features
    self.epsilon = epsilon
    self.isShiftBased = isShiftBased
  }

  package init(_ description: NetworkDescription.Layer, input: ImageShape) throws {
    features = input.channels
    epsilon = try description.field(\.epsilon, "epsilon")
    isShiftBased = description.shiftBased ?? false
    guard epsilon > 0, epsilon.isFinite else { throw description.wrong("“epsilon” above 0", "\(epsilon)") }
  }

  package func description(_ name: String) -> NetworkDescription.Layer? {
    var layer = NetworkDescription.Layer("batchNormalization", name)
    (layer.epsilon, layer.shiftBased) = (epsilon, isShiftBased)
    return layer
  }

  package func build(_ name: String, _ builder: inout NetworkBuilder) {
    let activation = builder.next?.layer.fusedActivation ?? .identity
    if activation != .identity { builder.passOver() }
    // A linear layer whose output is binarized does not keep it.
    let source = activation == .sign ? builder.layers.last?.outputSource : nil
    builder.layers.append(
      BatchNormalization(
        name: name, features: features,
        numbers: BatchNormalizationNumbers(
          epsilon: epsilon, momentum: builder.plan?.batchNormalization?.momentum ?? 0.9,
          kind: isShiftBased ? .shift : nil),
        activation: activation, estimator: builder.estimator, source: source, stream: builder.signStream))
  }

  package func pack(_ name: String, _ packer: inout NetworkPacker) throws {
    let scale = try packer.numbers(name, "scale")
    let inverse = try packer.numbers(name, "runningVariance").map { 1 / ($0 + epsilon).squareRoot() }
    try packer.append(
      name,
      .normalize(
        .init(
          mean: try packer.numbers(name, "runningMean"),
          inverse: isShiftBased ? inverse.map(\.nearestPower) : inverse,
          scale: isShiftBased ? scale.map(\.nearestPower) : scale, shift: try packer.numbers(name, "shift"))))
  }

  package var words: String { "batch normalization" }
  package var otherParameterCount: Int { 2 * features }
  package var canBeLast: Bool { true }

  package func makesSigns(at index: Int, _ builder: NetworkBuilder) -> Bool {
    index + 1 < builder.layout.items.count && builder.layout.items[index + 1].layer.fusedActivation == .sign
  }
}

/// Batch normalization per feature, `y = γ·(x - μ)/√(σ² + ε) + β`, fused with the activation that follows it.
///
/// The shift-based kind multiplies by powers of two only; see `BatchNormalizationNumbers.Kind`.
/// - SeeAlso: Ioffe and Szegedy 2015, arXiv:1502.03167.
package final class BatchNormalization: Layer {
  /// The fused activation, applied to y.
  package enum Activation {
    /// None.
    case identity
    /// max(0, y).
    case relu
    /// -1 where y < 0, else +1; in training it may be stochastic, as in `SignActivation`. The gradient is the
    /// estimator's.
    case sign
  }

  package let name: String
  /// γ, shape `[1, features]`.
  package let scale: Parameter
  /// β, shape `[1, features]`.
  package let shift: Parameter
  /// The mean for inference, shape `[1, features]`.
  package let runningMean: Tensor
  /// The variance for inference, shape `[1, features]`.
  package let runningVariance: Tensor
  /// Epsilon and momentum.
  package private(set) var numbers: BatchNormalizationNumbers
  /// The fused activation.
  package let activation: Activation
  /// The gradient estimator of the sign.
  package private(set) var estimator: SignEstimator
  /// Whether signs are stochastic in training.
  package var isStochastic = false

  private let stream: UInt32
  private let statistics: BatchStatistics
  private let output: Tensor
  private let signs: SignBatch
  // Recomputes the input for the backward pass if the layer before does not keep its output.
  private let source: (any OutputSource)?
  private var input: Tensor

  /// Batch normalization with γ = 1, β = 0, running mean 0 and running variance 1.
  /// - Parameters:
  ///   - source: the layer before, if it does not keep its output.
  ///   - stream: the random stream of stochastic signs.
  package init(
    name: String, features: Int, numbers: BatchNormalizationNumbers, activation: Activation = .identity,
    estimator: SignEstimator = .init(), source: (any OutputSource)? = nil, stream: UInt32 = 0
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
  package var newestSigns: SignBatch? { activation == .sign ? signs : nil }
  package var outputMayBeOverwritten: Bool { activation == .identity }
  package var keptBytes: Int { activation == .sign ? signs.byteCount : 4 * output.count }

  /// y with the running statistics, by column of x.
  package var runningMap: ColumnMap {
    let inverse = runningVariance.values.map { 1 / ($0 + numbers.epsilon).squareRoot() }
    let isShiftBased = numbers.kind == .shift
    let factor = zip(scale.value.values, inverse).map { scale, inverse in
      isShiftBased ? scale.nearestPower * inverse.nearestPower : scale * inverse
    }
    return ColumnMap(center: runningMean.values, factor: factor, shift: shift.value.values)
  }

  package func apply(_ settings: LayerSettings) {
    estimator = settings.estimator
    isStochastic = settings.drawsSigns
    numbers.momentum = settings.batchNormalizationMomentum ?? numbers.momentum
  }

  package func forward(_ input: Activations, _ pass: PassContext) -> Activations {
    let (compute, input) = (pass.compute, input.tensor)
    self.input = input
    if pass.isTraining || pass.estimatesStatistics {
      var numbers = numbers
      if pass.estimatesStatistics { numbers.momentum = pass.statisticsMomentum }
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
