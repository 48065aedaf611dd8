private import CBinaryKernels

extension LatentWeights {
  /// Weights standardized per row: `(W - μ)/d`, with the row's mean μ and `d = √(σ² + 1e-5)/divisor`, where σ² is the
  /// unbiased variance.
  package struct Standardization {
    fileprivate let means: Tensor
    fileprivate let deviations: Tensor
    fileprivate let divisor: Float
    /// The mean absolute value over the layer.
    package let meanMagnitude: Float
  }

  /// Standardizes the weights per row.
  package func standardized(divisor: Float) -> Standardization {
    let rows = parameter.value.rows
    let (means, deviations) = (Tensor(rows: 1, columns: rows), Tensor(rows: 1, columns: rows))
    let (weights, magnitudes) = (UncheckedPointer(parameter.value.base), UncheckedPointer(quantized.sums.base))
    let (mean, deviation) = (UncheckedPointer(means.base), UncheckedPointer(deviations.base))
    let columns = parameter.value.columns
    forEachRange {
      signflip_row_moments(
        weights.base, divisor, columns, mean.base, deviation.base, magnitudes.base, $0.lowerBound, $0.upperBound)
    }
    let sum = (0..<rows).reduce(0.0) { $0 + magnitudes.base[$1] }
    return Standardization(
      means: means, deviations: deviations, divisor: divisor, meanMagnitude: Float(sum / Double(parameter.count)))
  }

  /// Writes q as the signs of standardized weights; s is learned.
  /// - Returns: the number of changed values of q, if flips are counted.
  package func writeSigns(of standardization: Standardization) -> Int {
    let (weights, means) = (UncheckedPointer(parameter.value.base), UncheckedPointer(standardization.means.base))
    let (levels, columns) = (UncheckedPointer(quantized.levels.base), parameter.value.columns)
    return compute.countFlips(of: parameter, countsFlips) { flipCounts, rows, histogram in
      signflip_centred_signs(
        weights.base, means.base, levels.base, flipCounts, columns, rows.lowerBound, rows.upperBound, histogram)
    }
  }

  /// Converts the gradient with respect to `s·sign((W - μ)/d)` to that of W, in place, and computes that of s. The
  /// gradient passes the sign where the standardized weight is within the bound, and includes the derivatives of μ and
  /// d.
  package func passSigns(of standardization: Standardization, within bound: Float) {
    guard let learned = parameter.learnedScales else { return }
    let (weights, gradient) = (UncheckedPointer(parameter.value.base), UncheckedPointer(parameter.gradient.base))
    let (means, deviations) = (
      UncheckedPointer(standardization.means.base), UncheckedPointer(standardization.deviations.base)
    )
    let (scales, scalesGradient) = (UncheckedPointer(learned.value.base), UncheckedPointer(learned.gradient.base))
    let (columns, divisor) = (parameter.value.columns, standardization.divisor)
    forEachRange {
      signflip_standardized_gradient(
        weights.base, means.base, deviations.base, divisor, bound, scales.base, scalesGradient.base, gradient.base,
        columns, $0.lowerBound, $0.upperBound)
    }
  }
}
