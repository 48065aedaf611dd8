private import CBinaryKernels

/// An optimizer's update rule. `g` is the gradient with `weightDecay·w` added.
package enum UpdateRule: Hashable, Sendable {
  /// `u = momentum·u + g`, `w -= rate·u`.
  case sgd(momentum: Float)
  /// `m = β₁m + (1-β₁)g`, `v = β₂v + (1-β₂)g²`, `w -= rate·m̂ / (√v̂ + ε)`, with `m̂ = m/(1-Πβ₁)`, `v̂ = v/(1-Πβ₂)`.
  /// - SeeAlso: Kingma and Ba 2015, arXiv:1412.6980, algorithm 1.
  case adam(beta1: Float, beta2: Float, epsilon: Float, decay: AdamDecay)
  /// `m = β₁m + (1-β₁)g`, `u = max(β₂u, |g| + ε)`, `w -= rate·m̂ / u`, with `m̂ = m/(1-Πβ₁)`: Adam with the largest
  /// gradient instead of the root mean square, which needs no bias correction.
  /// - SeeAlso: Kingma and Ba 2015, arXiv:1412.6980, section 7.1; ε as in PyTorch.
  case adaMax(beta1: Float, beta2: Float, epsilon: Float, decay: AdamDecay)
  /// Shift-based AdaMax: `m = β₁m + (1-β₁)g`, `v = max(β₂v, |g|)`, `w -= AP2(rate/(1-Πβ₁))·m / (AP2(v) + 2⁻²⁷)`, where
  /// AP2 rounds to the nearest power of two.
  ///
  /// v itself is not rounded, as in the paper. The authors' code rounds it in place; but since AP2(0.999·AP2(v)) =
  /// AP2(v), it would never decrease, and β₂ would have no effect.
  /// - SeeAlso: Courbariaux et al. 2016, arXiv:1602.02830, section 1.5; 2⁻²⁷ as in the authors' code.
  case shiftAdaMax(beta1: Float, beta2: Float, decay: AdamDecay)
  /// `m = (1-γ)m + γg`; a weight flips if it has the sign of m and `|m| > τ`. There is neither a learning rate nor
  /// weight decay.
  /// - SeeAlso: Helwegen et al. 2019, “Latent Weights Do Not Exist”, arXiv:1906.02107, algorithm 1.
  case bop(gamma: Float, threshold: Float)
}

/// The remaining weight of Adam's initial zero moments: the products of the betas over all updates including this one.
///
/// With constant betas these are β₁ᵗ and β₂ᵗ. They are accumulated because a beta may change during training: a new
/// beta to the power of t would correct moments gathered with the old one, and be wrong by orders of magnitude.
package struct AdamDecay: Hashable, Codable, Sendable {
  /// Πβ₁, in double precision because 1 - Πβ is a small difference in the first updates.
  package private(set) var first = 1.0
  /// Πβ₂.
  package private(set) var second = 1.0

  /// The state before the first update.
  package init() {}

  /// Counts one more update.
  package mutating func advance(beta1: Float, beta2: Float) {
    first *= Double(beta1)
    second *= Double(beta2)
  }
}

/// Results of an update.
package struct UpdateOutcome: Hashable, Sendable {
  /// Σ g², without weight decay.
  package var gradientSquareSum: Double
  /// Number of flipped signs.
  package var flips: Int

  /// Results.
  package init(gradientSquareSum: Double = 0, flips: Int = 0) {
    self.gradientSquareSum = gradientSquareSum
    self.flips = flips
  }
}

extension Float {
  /// AP2: the nearest power of two on a logarithmic scale, with the sign of x: `sign(x)·2^round(log₂|x|)`; 0 where `|x|
  /// < 2⁻¹²⁶`.
  ///
  /// Multiplying by it is a shift.
  /// - SeeAlso: Courbariaux et al. 2016, arXiv:1602.02830, section 1.4.
  package var nearestPower: Float { signflip_ap2(self) }
}
