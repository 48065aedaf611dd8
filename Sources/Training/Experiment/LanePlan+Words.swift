import NeuralNetworks
import Tensors

extension LanePlan {
  /// What to tell where a batch is larger than the training set; nil where it is not.
  func batchNote(images: Int) -> String? {
    guard batchSize > images else { return nil }
    return """
      lane \(name): a batch of \(batchSize) images is more than the training set has: each step takes all \
      \(images), one step an epoch
      """
  }

  /// The method in words: “BinaryConnect, stochastic”.
  package var methodDescription: String {
    weightDescription + (drawsActivations ? ", stochastic activations" : "")
  }

  private var weightDescription: String {
    if optimizer.kind == .bop { return method == .bnn ? "BNN, Bop" : "binary weights, Bop" }
    return switch method {
    case .baseline: "float weights"
    case .binaryConnect: "BinaryConnect, \(scalesWeights ? "scaled weights" : binarization.rawValue)"
    case .bnn:
      scalesWeights ? "BNN, scaled weights" : binarization == .deterministic ? "BNN" : "BNN, stochastic weights"
    case .xnorNet: network.scalesInputs ?? false ? "XNOR-Net, scaled inputs" : "XNOR-Net"
    case .doReFa:
      "DoReFa, \(network.quantization?.bits ?? 1)-bit weights, \(network.activationBits ?? 0)-bit activations"
    case .ternary:
      "ternary weights" + (scalesWeights ? ", scaled" : "") + (network.activation == .sign ? ", signs" : "")
    }
  }
}
