private import Synchronization

/// A hyperparameter that can be set while a lane trains: a knob.
///
/// The raw value is the name in `--set lane.NAME=value`, in experiments and in the journal. The knobs of all lanes are
/// constants here. A method brings its own: what is known of them travels with the description of a run, so that the
/// dashboard, a report and a program of another version can show them.
package struct Hyperparameter: Hashable, Sendable {
  /// The name.
  package let rawValue: String

  /// A hyperparameter of this name, known or not.
  package init(named name: String) { rawValue = name }

  /// The hyperparameter of this name; nil where none is known.
  package init?(rawValue: String) {
    self.init(named: rawValue)
    guard knownSpecification != nil else { return nil }
  }

  /// The learning rate; a schedule goes on from the new value in proportion.
  package static let learningRate = Hyperparameter(named: "learningRate")
  /// Where a decaying schedule ends, as a learning rate.
  package static let finalLearningRate = Hyperparameter(named: "finalLearningRate")
  /// Momentum of SGD; 0 is plain SGD.
  package static let momentum = Hyperparameter(named: "momentum")
  /// The decay of the first moment, of Adam and AdaMax.
  package static let beta1 = Hyperparameter(named: "beta1")
  /// Adam's decay of the second moment, AdaMax's of the largest gradient.
  package static let beta2 = Hyperparameter(named: "beta2")
  /// Bop's γ, the share of a gradient that the moving mean takes up.
  package static let gamma = Hyperparameter(named: "gamma")
  /// Bop's τ: a moving mean beyond it flips a sign.
  package static let flipThreshold = Hyperparameter(named: "flipThreshold")
  /// L2 weight decay, added to the gradient of latent and float weights.
  package static let weightDecay = Hyperparameter(named: "weightDecay")
  /// The share of inputs that dropout sets to zero before the first layer.
  package static let inputDropout = Hyperparameter(named: "inputDropout")
  /// The share of hidden units that dropout sets to zero.
  package static let dropout = Hyperparameter(named: "dropout")
  /// The share of a cross-entropy's target that all classes have alike.
  package static let labelSmoothing = Hyperparameter(named: "labelSmoothing")
  /// How much the teacher counts beside the labels, where a lane learns from another.
  package static let distillationWeight = Hyperparameter(named: "distillationWeight")
  /// How even the teacher's and the lane's outputs are made before they are compared.
  package static let distillationTemperature = Hyperparameter(named: "distillationTemperature")
  /// Images a step.
  package static let batchSize = Hyperparameter(named: "batchSize")
  /// Latent weights are clipped to `[-clipValue, clipValue]` after each update.
  package static let clipValue = Hyperparameter(named: "clipValue")
  /// The sign activation's straight-through gradient passes where `|x| <= steWindow`.
  package static let steWindow = Hyperparameter(named: "steWindow")
  /// How latent weights become bits in training: `deterministic` or `stochastic`.
  package static let binarization = Hyperparameter(named: "binarization")
  /// How sign activations are made in training: `deterministic` or `stochastic`.
  package static let activations = Hyperparameter(named: "activations")
  /// Epochs that the lane trains with its latent weights as they are, before their signs take their place.
  package static let binaryWeightsFrom = Hyperparameter(named: "binaryWeightsFrom")
  /// The share of the old running statistics that batch normalization keeps.
  package static let batchNormalizationMomentum = Hyperparameter(named: "batchNormalizationMomentum")
  /// How many epochs the lane trains.
  package static let epochs = Hyperparameter(named: "epochs")

  /// The hyperparameter of this name.
  /// - Throws: `DecodingError` where none is known, with the nearest name.
  init(known name: String, _ path: [any CodingKey]) throws {
    guard let knob = Hyperparameter(rawValue: name) else {
      let near = NearestName.question(name, among: Self.allCases.map(\.rawValue))
      throw DecodingError.dataCorrupted(
        .init(codingPath: path, debugDescription: "expected a hyperparameter, found “\(name)”\(near)"))
    }
    self = knob
  }

  /// All that are known, in the order in which they are shown.
  package static var allCases: [Hyperparameter] {
    builtIn.map(\.knob) + learned.withLock { $0.map(\.knob) }
  }

  /// Makes knobs known that methods bring, or that a run was recorded with; those that are known stay as they are.
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

  /// The range, scale, unit and words; of an unknown one what its name says.
  package var specification: HyperparameterSpecification {
    knownSpecification
      ?? HyperparameterSpecification(
        title: rawValue, unit: "", range: -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude,
        scale: .linear(fine: 0.1, coarse: 1), summary: "A knob that this version does not know.")
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

/// What is known of the knobs that came with a run; to read it is to learn them.
package struct KnobSpecifications: Hashable, Codable, Sendable {
  private let specifications: [String: HyperparameterSpecification]

  /// Those of these hyperparameters that are no constants of `Hyperparameter`; nil where all are.
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
