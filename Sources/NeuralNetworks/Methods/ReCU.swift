internal import EngineProtocol
internal import Foundation
package import Tensors

extension Method {
  /// ReCU: signs of standardized weights with clamped tails, scaled by a learned number per output, and sign
  /// activations.
  ///
  /// The authors' code also divides the input of each sign by its standard deviation in training; here a batch
  /// normalization precedes each sign.
  /// - SeeAlso: Xu et al. 2021, ReCU: Reviving the Dead Weights in Binary Neural Networks, arXiv:2103.12369.
  package static let reCU = Method(
    name: "reCU", summary: "signs of standardized weights with a learned scale, and sign activations",
    paper: "Xu et al. 2021, arXiv:2103.12369", scalesUpdates: false, estimator: .approx,
    keys: [.clampQuantile, .finalClampQuantile]
  ) { options in
    Form(
      words: "ReCU",
      weights: .quantized(
        ReCUWeights(
          quantile: options.number(.clampQuantile) ?? 0, finalQuantile: options.number(.finalClampQuantile) ?? 0)),
      activation: .sign)
  }
}

extension MethodKey {
  /// τ at the start of training.
  package static let clampQuantile = MethodKey(
    "clampQuantile", .number(0.85),
    HyperparameterSpecification(
      title: "quantile", shortTitle: "τ", range: 0.5...0.9999, scale: .linear(fine: 0.01, coarse: 0.05),
      summary: "τ at the start of training: latent weights beyond this quantile get no gradient."))

  /// τ at the end of training.
  package static let finalClampQuantile = MethodKey(
    "finalClampQuantile", .number(0.99),
    HyperparameterSpecification(
      title: "final quantile", shortTitle: "final τ", range: 0.5...0.9999, scale: .linear(fine: 0.01, coarse: 0.05),
      summary: "τ at the end of training."))
}

/// ReCU's weights: `W̃ = α·sign(W₁)`, with `W₁ = (W - μ)/d` per row, `d = √(σ² + 1e-5)/(2√2)`, and a learned α per row,
/// which may be negative.
///
/// `dW₁ = α·dW̃·1[|W₁| <= Q]`, and `dW` follows from the standardization. Q is the τ-quantile of a Laplace
/// distribution: `Q = -ln(2 - 2τ)·E|W₁|`, with the mean over the layer. τ goes from its first to its last value as
/// `(e^p - 1)/(e - 1)`, where p is the fraction of the training that is done.
/// - SeeAlso: Xu et al. 2021, arXiv:2103.12369, eq. 10 to 13, and the authors' code, where the clamp before the sign
///   zeroes the gradient beyond Q.
package struct ReCUWeights: WeightQuantizer {
  /// τ at the start.
  package var quantile: Double
  /// τ at the end.
  package var finalQuantile: Double

  /// Weights with these quantiles.
  package init(quantile: Double, finalQuantile: Double) {
    (self.quantile, self.finalQuantile) = (quantile, finalQuantile)
  }

  package static let kind = "standardizedSign"

  package init?(isScaled: Bool, numbers: [String: Float]) { self.init(quantile: 0.85, finalQuantile: 0.99) }

  package var facts: WeightFacts {
    WeightFacts(
      kind: Self.kind, words: "binary", bits: 1, readsLatentWeightsAsTheyAre: false, areSigns: true,
      learnsScales: true)
  }

  package func quantize(_ weights: LatentWeights) -> Int {
    weights.writeSigns(of: weights.standardized(divisor: 2 * Float(2).squareRoot()))
  }

  package func signed(_ weights: [Float], columns: Int) -> [Float] {
    stride(from: 0, to: weights.count, by: columns).flatMap { start -> [Float] in
      let row = weights[start..<start + columns].map(Double.init)
      let mean = row.reduce(0, +) / Double(columns)
      let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, columns - 1))
      let deviation = (variance + 1e-5).squareRoot() / 8.squareRoot()
      return row.map { Float(($0 - mean) / deviation) }
    }
  }

  package func passGradient(_ weights: LatentWeights) {
    let standardization = weights.standardized(divisor: 2 * Float(2).squareRoot())
    let share = (exp(weights.progress) - 1) / (exp(1) - 1)
    let tau = quantile + (finalQuantile - quantile) * share
    weights.passSigns(of: standardization, within: -standardization.meanMagnitude * Float(log(2 - 2 * tau)))
  }
}
