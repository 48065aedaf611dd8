package import NeuralNetworks
package import Tensors

/// How a lane is to be trained: its network, method, optimizer and schedule.
package struct LanePlan: Hashable, Codable, Sendable {
  /// How a network is made binary.
  package enum Method: String, Codable, Sendable, CaseIterable {
    /// Float weights and ReLU.
    case baseline
    /// Binary weights and ReLU.
    /// - SeeAlso: Courbariaux et al. 2015, arXiv:1511.00363.
    case binaryConnect
    /// Binary weights and sign activations.
    /// - SeeAlso: Courbariaux et al. 2016, arXiv:1602.02830.
    case bnn
    /// Binary weights scaled by their mean size, and sign activations.
    /// - SeeAlso: Rastegari et al. 2016, arXiv:1603.05279.
    case xnorNet

    /// Whether its activations are signs.
    package var hasSigns: Bool { self == .bnn || self == .xnorNet }
  }

  /// How latent weights become bits in training; validation and test always take their signs.
  package enum Binarization: String, Codable, Sendable, CaseIterable {
    /// Their signs.
    case deterministic
    /// +1 with probability clamp((w/clipValue + 1)/2, 0, 1), drawn anew for each batch.
    case stochastic
  }

  /// The lane's name, unique in its experiment.
  package var name: String
  /// Names the lane's random draws: its own name, or its parent's in a lane that was forked off.
  package var drawName: String
  /// How the network is made binary.
  package var method: Method
  /// How latent weights become bits in training.
  package var binarization: Binarization
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

  /// Whether the lane has binary weights.
  package var isBinary: Bool { method != .baseline }

  /// Whether latent weights decide the signs of the binary ones.
  package var hasLatentWeights: Bool { isBinary && optimizer.kind != .bop }

  /// Whether latent weights are used as they are after `epoch` epochs.
  package func usesFloatWeights(atEpoch epoch: Double) -> Bool {
    hasLatentWeights && epoch < Double(binaryWeightsFrom ?? 0)
  }

  /// Whether binary weights may be drawn for each batch.
  package var canDraw: Bool { hasLatentWeights && method != .xnorNet }

  /// The method in words: “BinaryConnect, stochastic”.
  package var methodDescription: String {
    if optimizer.kind == .bop { return method == .bnn ? "BNN, Bop" : "binary weights, Bop" }
    return switch method {
    case .baseline: "float weights"
    case .binaryConnect: "BinaryConnect, \(binarization.rawValue)"
    case .bnn: binarization == .deterministic ? "BNN" : "BNN, stochastic weights"
    case .xnorNet: "XNOR-Net"
    }
  }
}
