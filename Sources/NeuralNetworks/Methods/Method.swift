package import Tensors

/// A method of making a network binary. Each stands in a file of its own beside this one; `Method.all` lists them.
///
/// A method says what it is called, which keys of a lane it has, and what the values of these keys make of weights and
/// activations. Everything else - reading and writing of experiments, the checks, the knobs, the help, the checkpoints -
/// reads this descriptor.
package struct Method: Sendable {
  /// The name in experiments and checkpoints: `binaryConnect`.
  package let name: String
  /// One line on what becomes binary.
  package let summary: String
  /// Where it was published; nil where there is nothing to cite.
  package let paper: String?
  /// Where weights start by default.
  package let initialization: NetworkPlan.Initialization
  /// Whether updates of latent weights are multiplied by Glorot's scale by default.
  package let scalesUpdates: Bool
  /// The gradient of sign activations by default.
  package let estimator: SignEstimator.Kind
  /// The keys that lanes of this method have beside those of all lanes.
  package var keys: [MethodKey] { isBinary ? ownKeys + Regularizer.all.map(\.key) : ownKeys }
  private let ownKeys: [MethodKey]
  /// What lanes of the method are called where an optimizer such as Bop learns their signs without latent weights; nil where
  /// none can, as weights are not ±1.
  package let wordsWithoutLatentWeights: String?
  /// What is wrong with the values of the keys beside the optimizer's numbers; nil where all is well.
  package let fault: @Sendable (MethodOptions, Optimizer) -> Fault?
  private let makeForm: @Sendable (MethodOptions) -> Form

  /// What a method makes of a network, for given values of its keys.
  package struct Form: Sendable {
    /// The method in words: “BinaryConnect, stochastic”.
    package var words: String
    /// What products read of weights.
    package var weights: Weights
    /// The activation of `activation` in a list of layers.
    package var activation = LayerPlan.Activation.relu
    /// Bits of quantized activations.
    package var activationBits = 2
    /// Whether products with signs are multiplied by the mean magnitude of what these were made of: K of XNOR-Net. Signs
    /// around a learned threshold have none.
    package var scalesInputs = false
  }

  /// What products read of weights.
  package enum Weights: Sendable {
    /// The weights themselves.
    case float
    /// The signs of latent weights, which are updated, counted and packed in one pass; perhaps scaled.
    ///
    /// Where the scaling has channels, these are those of the layer's input.
    case signs(WeightScaling? = nil)
    /// What a quantizer makes of latent weights.
    case quantized(any WeightQuantizer)
  }

  /// A value that does not fit the others.
  package struct Fault: Sendable {
    /// The key.
    package var key: String
    /// What is expected of its value.
    package var expected: String
  }

  /// Describes a method.
  package init(
    name: String, summary: String, paper: String? = nil, initialization: NetworkPlan.Initialization = .glorot,
    scalesUpdates: Bool = true, estimator: SignEstimator.Kind = .ste, keys: [MethodKey] = [],
    wordsWithoutLatentWeights: String? = nil,
    fault: @escaping @Sendable (MethodOptions, Optimizer) -> Fault? = { _, _ in nil },
    form: @escaping @Sendable (MethodOptions) -> Form
  ) {
    self.name = name
    self.summary = summary
    self.paper = paper
    self.initialization = initialization
    self.scalesUpdates = scalesUpdates
    self.estimator = estimator
    ownKeys = keys
    self.wordsWithoutLatentWeights = wordsWithoutLatentWeights
    self.fault = fault
    makeForm = form
  }

  /// What the method makes of a network.
  package func form(_ options: MethodOptions = [:]) -> Form { makeForm(options) }

  /// Whether lanes of the method have a key.
  package func has(_ key: MethodKey) -> Bool { keys.contains { $0.name == key.name } }

  /// Whether layers have latent weights by default.
  package var isBinary: Bool { if case .float = form().weights { false } else { true } }

  /// The method of this name; nil where there is none.
  package static func named(_ name: String) -> Method? { all.first { $0.name == name } }
}

extension Method {
  /// What makes of latent weights what products read: the quantizers of all methods, and integers of 8 bits.
  static let quantizers: [any WeightQuantizer.Type] =
    all.compactMap { method in
      if case .quantized(let quantizer) = method.form().weights { type(of: quantizer) } else { nil }
    } + [IntegerWeights.self]
}

extension WeightFacts {
  /// The quantizer of weights of this kind, its numbers of training aside.
  var quantizer: (any WeightQuantizer)? {
    Method.quantizers.first { $0.kind == kind }?.init(isScaled: isScaled ?? false, numbers: numbers)
  }
}

extension Network {
  /// Gives quantizers their numbers as the plan has them now, and tells them how far the training has come, 0 to 1.
  package func setQuantizers(of plan: NetworkPlan, progress: Double) {
    guard let quantizer = plan.quantizer else { return }
    for parameter in parameters where parameter.facts.map({ !$0.standsForFloats }) ?? false {
      parameter.setQuantizer(quantizer, progress: progress)
    }
  }
}

extension Method: Hashable {
  package static func == (first: Method, second: Method) -> Bool { first.name == second.name }

  package func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

extension Method: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let name = try container.decode(String.self)
    guard let method = Method.named(name) else {
      throw DecodingError.dataCorruptedError(
        in: container,
        debugDescription: "expected one of \(Method.all.map(\.name).joined(separator: ", ")), found “\(name)”")
    }
    self = method
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(name)
  }
}

extension Method {
  /// All methods, in the order in which they are listed. A new one is added here.
  package static let all: [Method] = [.baseline, .binaryConnect, .bnn, .xnorNet, .ternary, .doReFa, .reCU]
}
