internal import EngineProtocol
internal import Foundation
private import Tensors

extension Regularizer {
  /// Oscillation dampening, `λ·Σ(W̃ - clip(W, -s, s))²` with constant W̃: pulls latent weights towards their quantized
  /// values, so that fewer of them oscillate around a threshold.
  ///
  /// s is 1, or the scale of the row. λ rises from 0 to the key's value along half a cosine.
  /// - SeeAlso: Nagel et al. 2022, Overcoming Oscillations in Quantization-Aware Training, arXiv:2203.11086, eq. 8.
  package static let oscillationDampening = Regularizer(key: .oscillationDampening) {
    weights, number, progress, compute in
    compute.dampen(weights, strength: Float(number * (1 - cos(.pi * min(1, progress)))))
  }
}

extension MethodKey {
  /// λ of oscillation dampening at the end of the training.
  package static let oscillationDampening = MethodKey(
    "oscillationDampening", .number(0),
    HyperparameterSpecification(
      title: "dampening", shortTitle: "damp", range: 0...10, scale: .logarithmic,
      summary:
        "Strength of oscillation dampening at the end of training, rising from 0: pulls latent weights towards their quantized values."
    )
  ) { plan, optimizer in
    guard optimizer.kind.hasLatentWeights else { return "Bop has no latent weights" }
    return plan.readsLatentWeightsAsTheyAre ? nil : "its weights are made from a function of the latent weights"
  }
}
