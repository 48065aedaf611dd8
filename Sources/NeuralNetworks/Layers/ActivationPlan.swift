import Tensors

/// An activation in a list of layers: `activation` for the method's, or one by its word: `relu`, `sign`, `rsign`, `rprelu`.
package struct ActivationPlan: PlannedLayer {
  package static let name = "activation"
  package static let words = ["activation", "relu", "rprelu", "sign", "rsign"]

  /// The activation; nil for the method's: the sign in a binary network, few bits in DoReFa-Net, else the rectifier.
  package var activation: LayerPlan.Activation?

  private enum CodingKeys: String, CodingKey {
    case activation = "_0"
  }

  package init(word: String, _ keys: any LayerKeys) throws {
    activation = LayerPlan.Activation(rawValue: word)
  }

  init(_ activation: LayerPlan.Activation?) { self.activation = activation }

  package var spelling: (word: String, keys: [(String, LayerValue)]) { (activation?.rawValue ?? "activation", []) }

  package func activation(in plan: NetworkPlan) -> LayerPlan.Activation? { activation ?? plan.activation }

  package func fit(_ fitting: inout LayoutFitting, before following: ArraySlice<LayerPlan>) throws {
    let activation = activation ?? fitting.plan.activation
    let name = fitting.named(activation.rawValue)
    guard !fitting.hasSigns else {
      throw NetworkError(
        layer: name, expected: "real numbers", found: "signs: an activation stands before it")
    }
    try fitting.append(name, activation.fitted(features: fitting.shape.channels, fitting.plan))
  }
}

extension LayerPlan {
  /// An activation; nil for the method's.
  package static func activation(_ activation: Activation?) -> LayerPlan { LayerPlan(ActivationPlan(activation)) }

  /// An activation. Its raw value is its word in a list of layers and in checkpoints.
  package enum Activation: String, Codable, Sendable, CaseIterable {
    /// max(0, x).
    case relu
    /// ±1.
    case sign
    /// x from 0 to 1, of few bits.
    case quantized
    /// ±1 around a learned threshold.
    case rsign
    /// The rectifier with a learned place and slope.
    case rprelu

    /// Whether it gives ±1.
    package var givesSigns: Bool { self == .sign || self == .rsign }

    /// The activation of so many features, with the method's numbers.
    func fitted(features: Int, _ plan: NetworkPlan) -> any FittedLayer {
      switch self {
      case .relu: FittedReLU(features: features)
      case .sign: FittedSign(features: features, scalesInput: plan.form.scalesInputs)
      case .quantized:
        FittedQuantizedActivation(features: features, bits: plan.form.activationBits)
      case .rsign: FittedRSign(features: features)
      case .rprelu: FittedRPReLU(features: features)
      }
    }
  }
}
