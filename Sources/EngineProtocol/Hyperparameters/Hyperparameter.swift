private import Synchronization

/// A hyperparameter that can be changed during training.
///
/// The raw value is the name in `--set lane.NAME=value`, in experiments and in the journal. The hyperparameters of all
/// lanes are constants here. Methods define their own; their specifications are part of a run's description, so that
/// the dashboard, a report or another version of the program can show them.
package struct Hyperparameter: Hashable, Sendable {
  /// The name.
  package let rawValue: String

  /// The hyperparameter of this name, whether known or not.
  package init(named name: String) { rawValue = name }

  /// The hyperparameter of this name; nil if it is unknown.
  package init?(rawValue: String) {
    self.init(named: rawValue)
    guard knownSpecification != nil else { return nil }
  }

  /// The learning rate. A schedule continues from the new value in proportion.
  package static let learningRate = Hyperparameter(named: "learningRate")
  /// The learning rate at the end of a decaying schedule.
  package static let finalLearningRate = Hyperparameter(named: "finalLearningRate")
  /// Momentum of SGD; 0 is plain SGD.
  package static let momentum = Hyperparameter(named: "momentum")
  /// The decay of the first moment in Adam and AdaMax.
  package static let beta1 = Hyperparameter(named: "beta1")
  /// The decay of the second moment in Adam, and of the largest gradient in AdaMax.
  package static let beta2 = Hyperparameter(named: "beta2")
  /// Bop's γ: the weight of a new gradient in the moving average.
  package static let gamma = Hyperparameter(named: "gamma")
  /// Bop's τ: a sign flips if the moving average exceeds it.
  package static let flipThreshold = Hyperparameter(named: "flipThreshold")
  /// L2 weight decay, added to the gradient of latent and float weights.
  package static let weightDecay = Hyperparameter(named: "weightDecay")
  /// The dropout rate of the network's input.
  package static let inputDropout = Hyperparameter(named: "inputDropout")
  /// The dropout rate of hidden units.
  package static let dropout = Hyperparameter(named: "dropout")
  /// The share of the target that label smoothing spreads evenly over all classes.
  package static let labelSmoothing = Hyperparameter(named: "labelSmoothing")
  /// The weight of the teacher's outputs relative to the labels in distillation.
  package static let distillationWeight = Hyperparameter(named: "distillationWeight")
  /// The temperature that divides both networks' logits in distillation.
  package static let distillationTemperature = Hyperparameter(named: "distillationTemperature")
  /// Images per update.
  package static let batchSize = Hyperparameter(named: "batchSize")
  /// Latent weights are clipped to `[-clipValue, clipValue]` after each update.
  package static let clipValue = Hyperparameter(named: "clipValue")
  /// The sign activation's straight-through gradient passes where `|x| <= steWindow`.
  package static let steWindow = Hyperparameter(named: "steWindow")
  /// How latent weights are binarized in training: `deterministic` or `stochastic`.
  package static let binarization = Hyperparameter(named: "binarization")
  /// How sign activations are computed in training: `deterministic` or `stochastic`.
  package static let activations = Hyperparameter(named: "activations")
  /// Number of epochs for which the lane trains with its latent weights before it uses their signs.
  package static let binaryWeightsFrom = Hyperparameter(named: "binaryWeightsFrom")
  /// The weight of the old running statistics in batch normalization.
  package static let batchNormalizationMomentum = Hyperparameter(named: "batchNormalizationMomentum")
  /// Number of epochs to train.
  package static let epochs = Hyperparameter(named: "epochs")

  /// The hyperparameter of this name.
  /// - Throws: `DecodingError` if it is unknown, with the nearest name.
  init(known name: String, _ path: [any CodingKey]) throws {
    guard let knob = Hyperparameter(rawValue: name) else {
      let near = NearestName.question(name, among: Self.allCases.map(\.rawValue))
      throw DecodingError.dataCorrupted(
        .init(codingPath: path, debugDescription: "expected a hyperparameter, found “\(name)”\(near)"))
    }
    self = knob
  }

  /// All known hyperparameters in display order.
  package static var allCases: [Hyperparameter] {
    builtIn.map(\.knob) + learned.withLock { $0.map(\.knob) }
  }

  /// Registers specifications that methods define or that a run was recorded with. Known ones stay unchanged.
  package static func learn(_ specifications: [String: HyperparameterSpecification]) {
    learned.withLock { learned in
      for (name, specification) in specifications.sorted(by: { $0.key < $1.key }) {
        let knob = Hyperparameter(named: name)
        if builtInByName[knob] == nil, !learned.contains(where: { $0.knob == knob }) {
          learned.append((knob, specification))
        }
      }
    }
  }

  /// The specification. For an unknown hyperparameter it is derived from the name.
  package var specification: HyperparameterSpecification {
    knownSpecification
      ?? HyperparameterSpecification(
        title: rawValue, unit: "", range: -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude,
        scale: .linear(fine: 0.1, coarse: 1), summary: "A hyperparameter that this version does not know.")
  }

  private var knownSpecification: HyperparameterSpecification? {
    Self.builtInByName[self] ?? Self.learned.withLock { $0.first { $0.knob == self }?.specification }
  }

  fileprivate static func isBuiltIn(_ knob: Hyperparameter) -> Bool { builtInByName[knob] != nil }

  private static let learned = Mutex<[(knob: Hyperparameter, specification: HyperparameterSpecification)]>([])
  private static let builtInByName = Dictionary(uniqueKeysWithValues: builtIn.map { ($0.knob, $0.specification) })
}

extension Hyperparameter: Codable {
  package init(from decoder: any Decoder) throws {
    self.init(named: try decoder.singleValueContainer().decode(String.self))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }
}

/// The specifications that a run was recorded with. Decoding them registers them.
package struct KnobSpecifications: Hashable, Codable, Sendable {
  private let specifications: [String: HyperparameterSpecification]

  /// The specifications of those hyperparameters that are not constants of `Hyperparameter`; nil if there are none.
  package init?(_ hyperparameters: some Sequence<Hyperparameter>) {
    let own = hyperparameters.filter { !Hyperparameter.isBuiltIn($0) }
    guard !own.isEmpty else { return nil }
    specifications = Dictionary(own.map { ($0.rawValue, $0.specification) }) { first, _ in first }
  }

  package init(from decoder: any Decoder) throws {
    specifications = try decoder.singleValueContainer().decode([String: HyperparameterSpecification].self)
    Hyperparameter.learn(specifications)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(specifications)
  }
}

/// A hyperparameter and its value.
package struct HyperparameterSetting: Hashable, Codable, Sendable {
  /// The hyperparameter.
  package var hyperparameter: Hyperparameter
  /// Its value.
  package var value: HyperparameterValue

  /// A hyperparameter with a value.
  package init(_ hyperparameter: Hyperparameter, _ value: HyperparameterValue) {
    self.hyperparameter = hyperparameter
    self.value = value
  }
}
