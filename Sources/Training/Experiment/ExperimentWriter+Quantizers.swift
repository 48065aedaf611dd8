import NeuralNetworks
import Tensors
import Yams

extension LanePlan {
  /// The keys that `LaneReader.readQuantizers` reads, with their values.
  var quantizerKeys: [(String, Node)] {
    var keys: [(String, Node)] = []
    if canScaleWeights {
      keys.append(("weightScale", Node((scalesWeights ? WeightScale.mean : .none).rawValue)))
    }
    if case .ternary(let threshold, _)? = network.quantization {
      keys.append(("ternaryThreshold", number(threshold)))
      let activation = network.activation == .sign ? TernaryActivation.sign : .relu
      if network.hasOwnActivation { keys.append(("activation", Node(activation.rawValue))) }
    }
    if case .doReFa(let bits)? = network.quantization {
      keys.append(("weightBits", plain(bits)))
      if network.hasOwnActivation {
        keys.append(("activationBits", plain(network.activationBits ?? NetworkPlan.defaultActivationBits)))
      }
    }
    return keys
  }

  private func number(_ threshold: WeightQuantization.Threshold) -> Node {
    switch threshold {
    case .meanSize: Node("mean")
    case .fixed(let value): plain(value)
    }
  }

  private func plain(_ value: some CustomStringConvertible) -> Node {
    Node(value.description, Tag(.implicit), .plain)
  }
}
