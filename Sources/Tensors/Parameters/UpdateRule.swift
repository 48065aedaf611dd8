/// How an optimizer turns a gradient into an update. `g` is the gradient, with `weightDecay·w` added.
package enum UpdateRule: Hashable, Sendable {
  /// `u = momentum·u + g`, `w -= rate·u`.
  case sgd(momentum: Float)
  /// `m = β₁m + (1-β₁)g`, `v = β₂v + (1-β₂)g²`, `w -= rate·m̂ / (√v̂ + ε)`, with `m̂ = m/(1-β₁ᵗ)`, `v̂ = v/(1-β₂ᵗ)` at the
  /// update number `t`, from 1.
  /// - SeeAlso: Kingma and Ba 2015, arXiv:1412.6980, algorithm 1.
  case adam(beta1: Float, beta2: Float, epsilon: Float, updateNumber: Int)
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
