/// How a hyperparameter is measured and stepped.
package enum HyperparameterScale: Hashable, Codable, Sendable {
  /// Equal steps of these sizes.
  case linear(fine: Double, coarse: Double)
  /// Equal ratios: fine steps through 1-1.2-1.5-2-2.5-3-4-5-6-8, coarse ones through 1-3-10.
  case logarithmic
  /// Whole numbers with steps of these sizes.
  case integer(fine: Int, coarse: Int)
  /// Whole powers of two.
  case powerOfTwo
  /// One of these words.
  case choice([String])
}
