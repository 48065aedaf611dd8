internal import EngineProtocol
package import Tensors

extension Method {
  /// DoReFa-Net: quantized weights and activations.
  /// - SeeAlso: Zhou et al. 2016, arXiv:1606.06160.
  package static let doReFa = Method(
    name: "doReFa", summary: "quantized weights and activations", paper: "Zhou et al. 2016, arXiv:1606.06160",
    scalesUpdates: false, keys: [.weightBits, .activationBits]
  ) { options in
    let (bits, activationBits) = (options.whole(.weightBits), options.whole(.activationBits))
    return Form(
      words: "DoReFa, \(bits)-bit weights, \(activationBits)-bit activations",
      weights: .quantized(DoReFaWeights(bits: bits)), activation: .quantized, activationBits: activationBits)
  }
}

extension MethodKey {
  /// Bits per weight.
  package static let weightBits = MethodKey("weightBits", .whole(1...8), .number(1), "Bits per weight.")

  /// Bits per activation.
  package static let activationBits = MethodKey(
    "activationBits", .whole(1...8), .number(2), "Bits per activation."
  ) { plan, _ in
    plan.hasOwnActivation ? nil : "its network names every activation explicitly"
  }
}

/// DoReFa-Net's weights.
///
/// For one bit, `q = sign(W)`, s is the mean of |W| over the layer, and `dW = dW̃`. For k bits, `W̃ = 2·round(n·(tanh W
/// / (2m) + 1/2))/n - 1`, with n = 2ᵏ - 1 and m = max|tanh W| over the layer. `dW` is the gradient of `tanh W / m`,
/// including that of m, as in the authors' code: `dWᵢ = (1 - tanh²Wᵢ)·(dW̃ᵢ/m - [|tanh Wᵢ| = m]·sign(Wᵢ)·Σⱼ
/// dW̃ⱼ·tanh(Wⱼ)/m²)`.
/// - SeeAlso: Zhou et al. 2016, DoReFa-Net, arXiv:1606.06160, eq. 7 and 9; tensorpack's `dorefa.py`.
package struct DoReFaWeights: WeightQuantizer {
  /// k.
  package var bits: Int

  /// Weights of this many bits.
  package init(bits: Int) { self.bits = bits }

  package static let kind = "doReFa"

  package init?(isScaled: Bool, numbers: [String: Float]) {
    guard let bits = numbers["bits"], (1...8).contains(bits), bits == bits.rounded() else { return nil }
    self.init(bits: Int(bits))
  }

  package var facts: WeightFacts {
    WeightFacts(
      kind: Self.kind, words: "\(bits)-bit", bits: bits, numbers: ["bits": Float(bits)], countsFlips: bits == 1,
      readsLatentWeightsAsTheyAre: false)
  }

  package func quantize(_ weights: LatentWeights) -> Int {
    bits == 1
      ? weights.write(.signs(scale: weights.meanMagnitude()))
      : weights.write(.tanh(steps: 1 << bits - 1, greatest: weights.greatestMagnitude()))
  }

  package func passGradient(_ weights: LatentWeights) {
    if bits > 1 { weights.passTanh() }
  }
}
