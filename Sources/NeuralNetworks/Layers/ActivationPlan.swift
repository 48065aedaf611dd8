import Tensors

/// An activation in a list of layers: `activation` for the method's own, or `relu`, `sign`, `rsign`, `rprelu`.
package struct ActivationPlan: PlannedLayer {
  package static let name = "activation"
  package static let words = ["activation", "relu", "rprelu", "sign", "rsign"]

  /// The activation; nil for the method's own: the sign in a binary network, quantized in DoReFa-Net, otherwise ReLU.
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
        layer: name, expected: "floats", found: "signs: there is an activation before it")
    }
    try fitting.append(name, activation.fitted(features: fitting.shape.channels, fitting.plan))
  }
}

extension LayerPlan {
  /// An activation; nil for the method's own.
  package static func activation(_ activation: Activation?) -> LayerPlan { LayerPlan(ActivationPlan(activation)) }

  /// An activation function. Its raw value is its name in lists of layers and in checkpoints.
  package enum Activation: String, Codable, Sendable, CaseIterable {
    /// max(0, x).
    case relu
    /// ±1.
    case sign
    /// Quantized to few bits, in 0...1.
    case quantized
    /// ±1, with a learned threshold.
    case rsign
    /// ReLU with learned shifts and slope.
    case rprelu

    /// Whether its output is ±1.
    package var givesSigns: Bool { self == .sign || self == .rsign }

    /// The activation of an input with this number of features, with the method's numbers.
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
