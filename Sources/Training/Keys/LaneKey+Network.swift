import EngineProtocol
import NeuralNetworks
import Tensors
import Yams

// The keys of a lane's network.

extension LaneKey {
  /// The rows of the name and the method, and those rows of the network that precede the method's own keys.
  static let networkKeys: [LaneKey] = [
    LaneKey(
      "name", values: "letters, digits, “-” and “_”", summary: "The lane's name, unique in the experiment.",
      defaultWords: "",
      read: { _, section, _ in _ = try section.string("name") }, write: { .words($0.name) }),
    LaneKey(
      "method", values: Method.all.map(\.name).joined(separator: ", "), words: Method.all.map(\.name),
      summary: "The binarization method; see the list of methods.", decidesOthers: true,
      read: { _, section, plan in
        let word = try section.word("method", of: Method.all.map(\.name))
        plan.network.method = word.flatMap { Method.named($0) } ?? .baseline
      }, write: { Node($0.method.name) }),
    LaneKey(
      "network", values: "\(NetworkLibrary.names.joined(separator: ", ")), or a list of layers",
      words: NetworkLibrary.names, summary: "The layers, instead of hidden.", decidesOthers: true,
      read: { reader, section, plan in
        let layers = try reader.layers(section)
        (plan.network.layers, plan.network.name) = (layers?.list, layers?.name)
      },
      write: { plan in
        guard let layers = plan.network.layers else { return nil }
        let nodes = Node(layers.map(\.node))
        return plan.network.name.map { .mapping([("name", Node($0)), ("layers", nodes)]) } ?? nodes
      }),
    LaneKey(
      "hidden", values: "at most 64 whole numbers from 1 to 65536",
      summary: "The units of each hidden layer of a multilayer perceptron.", decidesOthers: true,
      read: { reader, section, plan in
        let hidden = try reader.hidden(section)
        plan.network.hidden = plan.network.layers == nil ? hidden ?? [512, 512] : []
      }, write: { .list($0.network.hidden) }, obstacle: { $0.network.layers == nil ? nil : "it has a network" }),
    LaneKey(
      "batchNormalization", values: "true or false", words: ["true", "false"],
      summary: "Whether there is batch normalization.", decidesOthers: true,
      read: { _, section, plan in
        plan.network.batchNormalization =
          try section.flag("batchNormalization") ?? true
          ? BatchNormalizationNumbers(epsilon: 1e-4, momentum: 0.9) : nil
      }, write: { .plain($0.network.batchNormalization != nil) }),
    LaneKey(
      "batchNormalizationEpsilon", values: "a number from 1e-12 to 1",
      summary: "The ε added to the variance in batch normalization.",
      read: { _, section, plan in
        let epsilon = try section.number("batchNormalizationEpsilon", in: 1e-12...1)
        plan.network.batchNormalization?.epsilon = Float(epsilon ?? 1e-4)
      }, write: { $0.network.batchNormalization.map { .plain($0.epsilon) } }, obstacle: withoutNormalization),
    LaneKey(
      "batchNormalizationKind", values: "standard, shift", words: ["standard", "shift"],
      summary:
        "The kind of batch normalization: standard, or shift for multiplying by powers of two only, as in the BNN paper.",
      read: { _, section, plan in
        let kind: BatchNormalizationNumbers.Kind? = try section.choice("batchNormalizationKind")
        plan.network.batchNormalization?.kind = kind == .standard ? nil : kind
      }, write: { $0.network.batchNormalization.map { Node(($0.kind ?? .standard).rawValue) } },
      obstacle: withoutNormalization),
    ends(
      "floatLayers", \.network.keepsFirstFloat, \.network.keepsLastFloat,
      "Which layers of a binary network have float weights, initialized and learned as in a baseline.",
      decidesOthers: true),
    ends(
      "eightBitLayers", \.network.firstHasEightBits, \.network.lastHasEightBits,
      "Which layers of a binary network have 8-bit weights, initialized and learned as in a baseline."),
  ]

  /// The rows of the network that follow the method's own keys.
  static let weightKeys: [LaneKey] = [
    // A method's key may determine whether there are signs.
    LaneKey(
      "ste", values: SignEstimator.Kind.allCases.map(\.rawValue).joined(separator: ", "),
      words: SignEstimator.Kind.allCases.map(\.rawValue),
      summary: """
        The gradient estimator of sign activations: a window (ste), identity, Bi-Real Net's (approx), BNN+'s (swish), or \
        IR-Net's (annealed), which changes during training.
        """, decidesOthers: true,
      read: { _, section, plan in
        let kind: SignEstimator.Kind? = try section.choice("ste")
        plan.network.ste = plan.network.hasSigns ? kind ?? plan.method.estimator : .ste
      }, write: { Node(($0.network.ste ?? .ste).rawValue) },
      obstacle: { $0.network.hasSigns ? nil : "a lane without sign activations has none" }),
    LaneKey(
      "outputNormalization", values: "true or false", words: ["true", "false"],
      summary: "Whether the output layer has batch normalization too.",
      read: { reader, section, plan in
        let asks = try section.flag("outputNormalization") ?? false
        let hasIt = asks && plan.network.batchNormalization != nil
        plan.network.normalizesOutput = hasIt && plan.network.layers == nil
        if hasIt, let last = plan.network.layers?.last, last != .batchNormalization {
          plan.network.layers?.append(.batchNormalization)
        }
      }, write: { .plain($0.network.normalizesOutput) },
      obstacle: { $0.network.batchNormalization == nil ? "batchNormalization is false" : nil }),
    .choice(
      "initialization", \.network.initialization,
      "The initial distribution of weights: Glorot's or He's uniform distribution, or U(-1, 1).",
      standard: { $0.method.initialization }
    ),
    .flag(
      "glorotScale", \.network.scalesUpdates,
      "Whether the updates of latent weights are multiplied by 1/√(1.5/(in + out)), for SGD by its square.",
      isTolerated: true, standard: { $0.method.scalesUpdates },
      obstacle: { $0.hasLatentWeights ? nil : absence($0) }),
  ]

  private static let withoutNormalization: @Sendable (LanePlan) -> String? = {
    $0.network.batchNormalization == nil ? "it has no batch normalization" : nil
  }

  // Which of the first and the last layer a key names.
  private static func ends(
    _ name: String, _ first: Path<Bool?>,
    _ last: Path<Bool?>, _ summary: String, decidesOthers: Bool = false
  ) -> LaneKey {
    LaneKey(
      name, values: "a list of first and last, or the empty list []",
      words: ["[]", "[first]", "[last]", "[first, last]"],
      summary: summary, defaultWords: "[]", decidesOthers: decidesOthers,
      read: { reader, section, plan in
        let ends = try reader.ends(name, section)
        // All layers of a baseline are float, so a key in the defaults is meant for the other lanes.
        (plan[keyPath: first], plan[keyPath: last]) = (
          plan.isBinary && ends.contains("first"), plan.isBinary && ends.contains("last")
        )
        let network = plan.network
        guard !(network.keepsFirstFloat ?? false && network.firstHasEightBits ?? false),
          !(network.keepsLastFloat ?? false && network.lastHasEightBits ?? false)
        else { throw section.wrong(name, expected: "layers that are not in floatLayers") }
      },
      write: { plan in
        let ends =
          (plan[keyPath: first] ?? false ? ["first"] : []) + (plan[keyPath: last] ?? false ? ["last"] : [])
        return ends.isEmpty ? nil : .list(ends)
      }, obstacle: { $0.isBinary ? nil : "all layers of a \($0.method.name) are float" })
  }
}
