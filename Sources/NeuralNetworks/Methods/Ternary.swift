internal import EngineProtocol
package import Tensors

extension Method {
  /// Ternary weights (-1, 0, 1), and ReLU or sign activations.
  /// - SeeAlso: Li et al. 2016, arXiv:1605.04711.
  package static let ternary = Method(
    name: "ternary", summary: "ternary weights (-1, 0, 1), and ReLU or sign activations",
    paper: "Li et al. 2016, arXiv:1605.04711", initialization: .unit,
    keys: [.ternaryThreshold, .weightScale, .ternaryActivation],
    fault: { options, optimizer in
      // Clipped to the threshold, all weights would be 0.
      guard let threshold = options.number(.ternaryThreshold), Float(threshold) >= optimizer.clipValue else {
        return nil
      }
      return Fault(
        key: MethodKey.ternaryThreshold.name, expected: "mean, or a number from 0 to less than clipValue")
    }
  ) { options in
    let hasSigns = options.has(.ternaryActivation, "sign")
    let isScaled = options.has(.weightScale, "mean")
    return Form(
      words: "ternary weights" + (isScaled ? ", scaled" : "") + (hasSigns ? ", signs" : ""),
      weights: .quantized(
        TernaryWeights(threshold: options.number(.ternaryThreshold).map { Float($0) }, isScaled: isScaled)),
      activation: hasSigns ? .sign : .relu)
  }
}

extension MethodKey {
  /// Δ: latent weights with an absolute value up to Δ become 0.
  package static let ternaryThreshold = MethodKey(
    "ternaryThreshold", .wordOrNumber("mean", 0...100), .word("mean"),
    "Latent weights up to this absolute value become 0; mean stands for 0.7 times their mean absolute value.")

  /// The activation of networks with ternary weights.
  package static let ternaryActivation = MethodKey(
    "activation", .choice(["relu", "sign"]), .word("relu"), "The activation of ternary networks.",
    elsewhere: "the method has its own; only ternary networks have a choice"
  ) { plan, _ in
    plan.hasOwnActivation ? nil : "its network names every activation explicitly"
  }
}

/// Ternary weights: `q = sign(W)·1[|W| > Δ]`, `dW = dW̃`. s is 1 or, if scaled, the mean of |W| over those weights of
/// the row with q ≠ 0.
/// - SeeAlso: Li et al. 2016, Ternary Weight Networks, arXiv:1605.04711, eq. 5 and 6, where s is the same for all rows.
package struct TernaryWeights: WeightQuantizer {
  /// Δ; nil for 0.7 times the mean of |W| over the layer. Larq's `SteTern` uses 0.05.
  package var threshold: Float?
  /// Whether rows are scaled.
  package var isScaled: Bool

  /// Ternary weights.
  package init(threshold: Float? = nil, isScaled: Bool = false) {
    (self.threshold, self.isScaled) = (threshold, isScaled)
  }

  package static let kind = "ternary"

  package init?(isScaled: Bool, numbers: [String: Float]) {
    self.init(threshold: numbers["threshold"], isScaled: isScaled)
  }

  package var facts: WeightFacts {
    WeightFacts(
      kind: Self.kind, words: "ternary", bits: 2, numbers: threshold.map { ["threshold": $0] } ?? [:],
      isScaled: isScaled, appliesScales: isScaled)
  }

  package func quantize(_ weights: LatentWeights) -> Int {
    weights.write(.ternary(threshold: threshold ?? 0.7 * weights.meanMagnitude(), scalesRows: isScaled))
  }
}
