private import CBinaryKernels

/// How an optimizer turns a gradient into an update. `g` is the gradient, with `weightDecay·w` added.
package enum UpdateRule: Hashable, Sendable {
  /// `u = momentum·u + g`, `w -= rate·u`.
  case sgd(momentum: Float)
  /// `m = β₁m + (1-β₁)g`, `v = β₂v + (1-β₂)g²`, `w -= rate·m̂ / (√v̂ + ε)`, with `m̂ = m/(1-Πβ₁)`, `v̂ = v/(1-Πβ₂)`.
  /// - SeeAlso: Kingma and Ba 2015, arXiv:1412.6980, algorithm 1.
  case adam(beta1: Float, beta2: Float, epsilon: Float, decay: AdamDecay)
  /// `m = β₁m + (1-β₁)g`, `u = max(β₂u, |g| + ε)`, `w -= rate·m̂ / u`, with `m̂ = m/(1-Πβ₁)`: Adam with the largest gradient
  /// in place of the root of the mean square, which needs no correction.
  /// - SeeAlso: Kingma and Ba 2015, arXiv:1412.6980, section 7.1; ε as in PyTorch.
  case adaMax(beta1: Float, beta2: Float, epsilon: Float, decay: AdamDecay)
  /// `m = β₁m + (1-β₁)g`, `v = max(β₂v, |g|)`, `w -= AP2(rate/(1-Πβ₁))·m / (AP2(v) + 2⁻²⁷)`, where AP2 is the nearest power of
  /// two: AdaMax by shifts.
  ///
  /// v itself keeps its digits, as in the paper. The authors' code rounds it in place, and AP2(0.999·AP2(v)) is AP2(v): it would
  /// never fall, and β₂ do nothing.
  /// - SeeAlso: Courbariaux et al. 2016, arXiv:1602.02830, section 1.5; 2⁻²⁷ as in the authors' code.
  case shiftAdaMax(beta1: Float, beta2: Float, decay: AdamDecay)
  /// `m = (1-γ)m + γg`; a weight whose sign is that of m is flipped where `|m| > τ`. There is neither rate nor decay.
  /// - SeeAlso: Helwegen et al. 2019, “Latent Weights Do Not Exist”, arXiv:1906.02107, algorithm 1.
  case bop(gamma: Float, threshold: Float)
}

/// How much of Adam's first, zero moments is left: the products of the betas over all updates, this one included.
///
/// With betas that stay these are β₁ᵗ and β₂ᵗ. They are carried along because a beta may be set in mid-run: a new
/// beta to the power of t would correct moments that the old one has gathered, and be off by orders of magnitude.
package struct AdamDecay: Hashable, Codable, Sendable {
  /// Πβ₁, in double precision: 1 - Πβ of the first updates is a small difference.
  package private(set) var first = 1.0
  /// Πβ₂.
  package private(set) var second = 1.0

  /// Before the first update.
  package init() {}

  /// Counts one more update.
  package mutating func advance(beta1: Float, beta2: Float) {
    first *= Double(beta1)
    second *= Double(beta2)
  }
}

/// What a pass over parameters has seen.
package struct UpdateOutcome: Hashable, Sendable {
  /// Σ g², without weight decay.
  package var gradientSquareSum: Double
  /// How many signs have flipped.
  package var flips: Int

  /// Nothing seen yet.
  package init(gradientSquareSum: Double = 0, flips: Int = 0) {
    self.gradientSquareSum = gradientSquareSum
    self.flips = flips
  }
}

extension Float {
  /// AP2: the power of two nearest by logarithm, with the number's sign: `sign(x)·2^round(log₂|x|)`; 0 where `|x| < 2⁻¹²⁶`.
  ///
  /// A product with it is a shift.
  /// - SeeAlso: Courbariaux et al. 2016, arXiv:1602.02830, section 1.4.
  package var nearestPower: Float { signflip_ap2(self) }
}
