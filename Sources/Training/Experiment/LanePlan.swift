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
    /// Weights of -1, 0 and 1, and ReLU or sign activations.
    /// - SeeAlso: Li et al. 2016, arXiv:1605.04711.
    case ternary
    /// Weights and activations of few bits.
    /// - SeeAlso: Zhou et al. 2016, arXiv:1606.06160.
    case doReFa

    /// Whether its activations are signs.
    package var hasSigns: Bool { self == .bnn || self == .xnorNet }

    /// The activation of its networks if nothing else is said.
    package var usualActivation: LayerPlan.Activation { hasSigns ? .sign : self == .doReFa ? .quantized : .relu }

    /// Where its weights start if nothing else is said: where there is a clip, they fill it.
    var usualInitialization: NetworkPlan.Initialization {
      self == .binaryConnect || self == .bnn || self == .ternary ? .unit : .glorot
    }

    /// What it makes of latent weights if nothing else is said; nil for their signs, and where there are none.
    package var usualQuantization: WeightQuantization? {
      switch self {
      case .baseline, .binaryConnect, .bnn, .xnorNet: nil
      case .ternary: .ternary(.meanSize, isScaled: false)
      case .doReFa: .doReFa(bits: 1)
      }
    }
  }

  /// How latent weights, or sign activations, become bits in training; validation and test always take their signs.
  package enum Binarization: String, Codable, Sendable, CaseIterable {
    /// Their signs.
    case deterministic
    /// Drawn for each batch: +1 with probability clamp((w/clipValue + 1)/2, 0, 1); of activations clamp((x + 1)/2, 0, 1).
    case stochastic
  }

  /// By what the signs of weights, or ternary weights, are multiplied.
  package enum WeightScale: String, Codable, Sendable, CaseIterable {
    /// By nothing.
    case none
    /// By the weights' mean size in each row, which the gradient takes for a constant; of ternary weights by that of those
    /// which are not 0, which the gradient passes over.
    /// - SeeAlso: Liu et al. 2018, Bi-Real Net, arXiv:1808.00278, section 3.3; Li et al. 2016, arXiv:1605.04711, eq. 6.
    case mean
  }

  /// What follows ternary weights.
  package enum TernaryActivation: String, Codable, Sendable, CaseIterable {
    /// max(0, x).
    case relu
    /// ±1.
    case sign
  }

  /// The lane's name, unique in its experiment.
  package var name: String
  /// Names the lane's random draws: its own name, or its parent's in a lane that was forked off.
  package var drawName: String
  /// How the network is made binary.
  package var method: Method
  /// How latent weights become bits in training.
  package var binarization: Binarization
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

  /// Whether the lane has binary weights, or such of few bits.
  package var isBinary: Bool { method != .baseline }

  /// Whether latent weights decide what the network computes with.
  package var hasLatentWeights: Bool { isBinary && optimizer.kind != .bop }

  /// Whether latent weights are clipped. DoReFa-Net's go through tanh.
  package var clipsLatentWeights: Bool { hasLatentWeights && method != .doReFa }

  /// Whether latent weights may be used as they are for a while. DoReFa-Net's are read through tanh.
  package var canStage: Bool { hasLatentWeights && method != .doReFa }

  /// Whether latent weights are used as they are after `epoch` epochs.
  package func usesFloatWeights(atEpoch epoch: Double) -> Bool {
    canStage && epoch < Double(binaryWeightsFrom ?? 0)
  }

  /// Whether binary weights may be drawn for each batch.
  package var canDraw: Bool {
    hasLatentWeights && (method == .binaryConnect || method == .bnn) && !scalesWeights
  }

  /// Whether training draws sign activations.
  package var drawsActivations: Bool { network.hasDrawableSigns && activations == .stochastic }

  /// Whether it is a lane's choice to scale its weights. Bop's weights all have size 1.
  package var canScaleWeights: Bool {
    hasLatentWeights && (method == .binaryConnect || method == .bnn || method == .ternary)
  }

  /// Whether it is chosen.
  package var scalesWeights: Bool {
    if case .ternary(_, let isScaled)? = network.quantization { return isScaled }
    return network.scalesWeights ?? false
  }
}
