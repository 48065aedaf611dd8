package import Tensors

/// Symmetric k-bit integers in place of float weights: `q = round(W/s)`, ties to even, `s = max|W|/(2ᵏ⁻¹ - 1)` per row,
/// `dW = dW̃`.
///
/// This is not a method: the first and the last layer of every binary network may use it.
/// - SeeAlso: Krishnamoorthi 2018, Quantizing deep convolutional networks for efficient inference, arXiv:1806.08342,
///   sections 2.2 (symmetric), 3.1 (per channel) and 2.4 (straight-through training).
package struct IntegerWeights: WeightQuantizer {
  /// k.
  package var bits: Int

  /// Weights of this many bits.
  package init(bits: Int) { self.bits = bits }

  package static let kind = "integer"

  package init?(isScaled: Bool, numbers: [String: Float]) {
    guard let bits = numbers["bits"], (1...8).contains(bits), bits == bits.rounded() else { return nil }
    self.init(bits: Int(bits))
  }

  package var facts: WeightFacts {
    WeightFacts(
      kind: Self.kind, words: "\(bits)-bit", bits: bits, numbers: ["bits": Float(bits)], countsFlips: false,
      readsLatentWeightsAsTheyAre: false, standsForFloats: true)
  }

  package func quantize(_ weights: LatentWeights) -> Int { weights.write(.integers(steps: 1 << (bits - 1) - 1)) }
}
