private import CBinaryKernels

extension Compute {
  /// Adds `strength·(W - W̃)` to the gradient of latent weights within ±s, where s is the scale of the row, or 1
  /// without scales.
  ///
  /// While products use unquantized latent weights, W̃ is W, and nothing is added.
  package func dampen(_ parameter: Parameter, strength: Float) {
    guard parameter.isLatent, !parameter.readsValue else { return }
    let (weights, gradient) = (UncheckedPointer(parameter.value.base), UncheckedPointer(parameter.gradient.base))
    let levels = parameter.quantized.map { UncheckedPointer($0.levels.base) }
    let scales = parameter.scales.map { UncheckedPointer($0.base) }
    let columns = parameter.value.columns
    team.forEachRange(of: parameter.value.rows, multipleOf: 1, cost: parameter.count) { _, range in
      signflip_dampen(
        weights.base, levels?.base, scales?.base, strength, gradient.base, columns, range.lowerBound, range.upperBound)
    }
  }
}
