package import Tensors

/// A method of binarizing a network. Each method is one file in this folder; `Method.all` lists them.
///
/// A method defines its name, the keys that it adds to a lane, and how the values of these keys determine weights and
/// activations. Reading and writing experiments, checks, live controls, help and checkpoints all use this descriptor.
package struct Method: Sendable {
  /// The name in experiments and checkpoints: `binaryConnect`.
  package let name: String
  /// One line on what is binarized.
  package let summary: String
  /// The publication; nil if there is none.
  package let paper: String?
  /// The default initialization of weights.
  package let initialization: NetworkPlan.Initialization
  /// Whether updates of latent weights are multiplied by Glorot's scale by default.
  package let scalesUpdates: Bool
  /// The default gradient estimator of sign activations.
  package let estimator: SignEstimator.Kind
  /// The keys that lanes of this method have in addition to those of all lanes.
  package var keys: [MethodKey] { isBinary ? ownKeys + Regularizer.all.map(\.key) : ownKeys }
  private let ownKeys: [MethodKey]
  /// The name for display of lanes whose signs are learned without latent weights, by an optimizer such as Bop; nil if
  /// that is impossible because weights are not ±1.
  package let wordsWithoutLatentWeights: String?
  /// Returns what is wrong with the combination of the keys' values and the optimizer's numbers; nil if it is valid.
  package let fault: @Sendable (MethodOptions, Optimizer) -> Fault?
  private let makeForm: @Sendable (MethodOptions) -> Form

  /// How a network is binarized, for given values of the method's keys.
  package struct Form: Sendable {
    /// The method for display: “BinaryConnect, stochastic”.
    package var words: String
    /// The weights that products use.
    package var weights: Weights
    /// What `activation` in a list of layers stands for.
    package var activation = LayerPlan.Activation.relu
    /// Bits of quantized activations.
    package var activationBits = 2
    /// Whether products with signs are multiplied by the mean absolute value of the sign's input, XNOR-Net's K. Signs
    /// with a learned threshold are not.
    package var scalesInputs = false
  }

  /// The weights that products use.
  package enum Weights: Sendable {
    /// The float weights themselves.
    case float
    /// The signs of latent weights, optionally scaled. They are updated, counted and packed in one pass.
    ///
    /// A scaling with channels centers the weights over the layer's input channels.
    case signs(WeightScaling? = nil)
    /// Weights made from latent weights by a quantizer.
    case quantized(any WeightQuantizer)
  }

  /// An invalid combination of values.
  package struct Fault: Sendable {
    /// The key.
    package var key: String
    /// The expected value.
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

  /// Returns how a network is binarized, for values of the method's keys.
  package func form(_ options: MethodOptions = [:]) -> Form { makeForm(options) }

  /// Returns whether lanes of the method have a key.
  package func has(_ key: MethodKey) -> Bool { keys.contains { $0.name == key.name } }

  /// Whether layers have latent weights by default.
  package var isBinary: Bool { if case .float = form().weights { false } else { true } }

  /// Returns the method of this name; nil if there is none.
  package static func named(_ name: String) -> Method? { all.first { $0.name == name } }
}

extension Method {
  /// The quantizers of all methods, and integer weights.
  static let quantizers: [any WeightQuantizer.Type] =
    all.compactMap { method in
      if case .quantized(let quantizer) = method.form().weights { type(of: quantizer) } else { nil }
    } + [IntegerWeights.self]
}

extension WeightFacts {
  /// A quantizer for weights of this kind, for inference.
  package var quantizer: (any WeightQuantizer)? {
    Method.quantizers.first { $0.kind == kind }?.init(isScaled: isScaled ?? false, numbers: numbers)
  }
}

extension Network {
  /// Updates the quantizers from the plan, and passes the fraction of the training that is done, 0...1.
  package func setQuantizers(of plan: NetworkPlan, progress: Double) {
    guard !quantizedParameters.isEmpty, let quantizer = plan.quantizer else { return }
    for parameter in quantizedParameters { parameter.setQuantizer(quantizer, progress: progress) }
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
  /// All methods in display order. Add a new one here.
  package static let all: [Method] = [.baseline, .binaryConnect, .bnn, .xnorNet, .ternary, .doReFa, .reCU]
}
