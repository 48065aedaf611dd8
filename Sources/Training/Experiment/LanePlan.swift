package import NeuralNetworks
package import Tensors

/// How a lane is to be trained: its network, method, optimizer and schedule.
package struct LanePlan: Hashable, Codable, Sendable {
  /// How latent weights, or sign activations, become bits in training; validation and test always take their signs.
  package enum Binarization: String, Codable, Sendable, CaseIterable {
    /// Their signs.
    case deterministic
    /// Drawn for each batch: +1 with probability clamp((w/clipValue + 1)/2, 0, 1); of activations clamp((x + 1)/2, 0, 1).
    case stochastic
  }

  /// The lane's name, unique in its experiment.
  package var name: String
  /// Names the lane's random draws: its own name, or its parent's in a lane that was forked off.
  package var drawName: String
  /// How sign activations are made in training; nil as their signs.
  package var activations: Binarization?
  /// How many epochs latent weights are used as they are, before their signs are; nil for none.
  ///
  /// Activations are the method's from the start: “binary activations first”.
  /// - SeeAlso: Bulat and Tzimiropoulos 2019, arXiv:1909.13863; Liu et al. 2020, arXiv:2003.03488, section 5.
  package var binaryWeightsFrom: Int?
  /// The network.
  package var network: NetworkPlan
  /// What training makes small.
  package var loss: Loss
  /// The share of a cross-entropy's target that all classes have alike; nil for 0. Validation and test have none: so losses of
  /// lanes can be compared.
  package var labelSmoothing: Float?
  /// From which lane this one learns too; nil for none.
  package var distillation: Distillation?
  /// The optimizer with its numbers.
  package var optimizer: Optimizer
  /// The course of the learning rate.
  package var schedule: Schedule
  /// Images an update is computed from.
  package var batchSize: Int
  /// How many epochs to train.
  package var epochs: Int
  /// The precision of matrix products.
  package var precision: Precision

  // Without the method, which is the network's.
  enum CodingKeys: String, CodingKey {
    case name, drawName, activations, binaryWeightsFrom, network, loss, labelSmoothing, distillation, optimizer
    case schedule, batchSize, epochs, precision
  }

  /// A lane before any of its keys is read.
  init(name: String) {
    self.name = name
    drawName = name
    network = NetworkPlan()
    loss = .crossEntropy
    optimizer = Optimizer(kind: .adam)
    schedule = Schedule(kind: .constant, rate: optimizer.kind.defaultRate, stepEpochs: 10)
    (batchSize, epochs, precision) = (128, 20, .preferred)
  }

  /// The method: how the network is made binary.
  package var method: Method { network.method }

  /// How latent weights become bits in training.
  package var binarization: Binarization {
    has(.binarization) && network.options.has(.binarization, Binarization.stochastic.rawValue)
      ? .stochastic : .deterministic
  }

  /// Whether a key of the method has an effect in the lane.
  package func has(_ key: MethodKey) -> Bool {
    method.has(key) && key.obstacle(network, optimizer) == nil
  }

  /// Whether the lane has binary weights, or such of few bits.
  package var isBinary: Bool { network.hasBinaryWeights }

  /// Whether latent weights decide what the network computes with.
  package var hasLatentWeights: Bool { isBinary && optimizer.kind.hasLatentWeights }

  /// Whether latent weights are clipped, and may be used as they are for a while: what the network computes with is made of
  /// themselves, not of a function of them.
  package var readsLatentWeightsAsTheyAre: Bool { hasLatentWeights && network.readsLatentWeightsAsTheyAre }

  /// Whether latent weights are used as they are after `epoch` epochs.
  package func usesFloatWeights(atEpoch epoch: Double) -> Bool {
    readsLatentWeightsAsTheyAre && epoch < Double(binaryWeightsFrom ?? 0)
  }

  /// Whether training draws sign activations.
  package var drawsActivations: Bool { network.hasDrawableSigns && activations == .stochastic }
}
