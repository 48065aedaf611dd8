private import CBinaryKernels

/// What batch normalization keeps from the forward pass of a batch for the backward one, a value a column each.
package final class BatchStatistics {
  let mean: Tensor
  let inverseDeviation: Tensor

  /// Room for `columns` features.
  package init(columns: Int) {
    mean = Tensor(rows: 1, columns: columns)
    inverseDeviation = Tensor(rows: 1, columns: columns)
  }
}

/// The numbers of a batch normalization that do not depend on the batch.
package struct BatchNormalizationNumbers: Hashable, Codable, Sendable {
  /// Added to the variance.
  package var epsilon: Float
  /// The share of the old running statistics that a batch leaves as they were.
  package var momentum: Float

  /// Numbers of a batch normalization.
  package init(epsilon: Float, momentum: Float) {
    self.epsilon = epsilon
    self.momentum = momentum
  }
}

extension Compute {
  /// Finds every column's mean and variance in a batch, for the normalizations below.
  ///
  /// With the biased σ² of the batch in the normalization, and the running statistics moved:
  /// `running = momentum·running + (1 - momentum)·batch`, the variance with Bessel's correction. A batch of one row has no
  /// variance to tell, and leaves them as they are.
  /// - Parameters:
  ///   - input: shape `[batch, features]`.
  ///   - runningMean, runningVariance: shape `[1, features]`.
  /// - SeeAlso: Ioffe and Szegedy 2015, arXiv:1502.03167, algorithm 1.
  package func gatherStatistics(
    _ input: Tensor, runningMean: Tensor, runningVariance: Tensor, numbers: BatchNormalizationNumbers,
    into statistics: BatchStatistics
  ) {
    let (mean, variance) = (UncheckedPointer(runningMean.base), UncheckedPointer(runningVariance.base))
    forEachColumn(input, statistics, scale: nil, shift: nil) { normalization, range in
      signflip_normalization_statistics(
        normalization, numbers.epsilon, numbers.momentum, mean.base, variance.base, range.lowerBound,
        range.upperBound)
    }
  }

  /// Takes the running statistics in place of a batch's.
  package func useStatistics(
    mean: Tensor, variance: Tensor, epsilon: Float, into statistics: BatchStatistics
  ) {
    statistics.mean.copy(from: mean)
    for column in 0..<variance.columns {
      statistics.inverseDeviation.base[column] = 1 / (variance.base[column] + epsilon).squareRoot()
    }
  }

  /// Normalizes every column: `y = γ·(x - μ)/√(σ² + ε) + β`, or `max(0, y)`.
  /// - Parameters:
  ///   - input: shape `[batch, features]`.
  ///   - scale: γ, shape `[1, features]`; `shift`: β, of the same shape.
  package func normalize(
    _ input: Tensor, _ statistics: BatchStatistics, scale: Tensor, shift: Tensor, rectifies: Bool, into output: Tensor
  ) {
    precondition(output.columns == input.columns, "expected \(input.columns) columns, found \(output.columns)")
    output.resize(rows: input.rows)
    let y = UncheckedPointer(output.base)
    forEachColumn(input, statistics, scale: scale, shift: shift) { normalization, range in
      signflip_normalize(normalization, y.base, rectifies ? 1 : 0, range.lowerBound, range.upperBound)
    }
  }

  /// Normalizes every column and keeps the signs of the result, and where it lies in the window: no float is written.
  package func normalizeToSigns(
    _ input: Tensor, _ statistics: BatchStatistics, scale: Tensor, shift: Tensor, window: Float, into batch: SignBatch
  ) {
    precondition(batch.columns == input.columns, "expected \(input.columns) columns, found \(batch.columns)")
    batch.begin(rows: input.rows)
    let (signs, passes) = (UncheckedPointer(batch.signs.base), UncheckedPointer(batch.passes.base))
    forEachColumn(input, statistics, scale: scale, shift: shift) { normalization, range in
      signflip_normalize_to_signs(
        normalization, window, signs.base, passes.base, range.lowerBound, range.upperBound)
    }
  }

  /// The gradients of a normalization and of the activation behind it.
  ///
  /// With x̂ = (x - μ)/√(σ² + ε), n rows and dy what passes `gate`: `dβ = Σ dy`, `dγ = Σ dy·x̂`,
  /// `dx = γ/√(σ² + ε) · (dy - dβ/n - x̂·dγ/n)`.
  /// - Parameter gradient: dC/d(activation), shape `[batch, features]`; dx takes its place.
  package func normalizationGradient(
    _ gradient: Tensor, gate: GradientGate, input: Tensor, _ statistics: BatchStatistics, scale: Tensor,
    shift: Tensor, scaleGradient: Tensor, shiftGradient: Tensor
  ) {
    precondition(
      gate.fits(gradient) && (gradient.rows, gradient.columns) == (input.rows, input.columns),
      "expected a gradient of the activation's shape")
    let argument = gate.kernelArgument
    nonisolated(unsafe) let shared = argument
    let (dx, dGamma, dBeta) = (
      UncheckedPointer(gradient.base), UncheckedPointer(scaleGradient.base), UncheckedPointer(shiftGradient.base)
    )
    forEachColumn(input, statistics, scale: scale, shift: shift) { normalization, range in
      withUnsafePointer(to: shared) { gate in
        signflip_normalization_gradient(
          normalization, gate, dx.base, dGamma.base, dBeta.base, range.lowerBound, range.upperBound)
      }
    }
  }

  // A thread takes whole columns: each sum is added up in the same order with any number of threads.
  private func forEachColumn(
    _ input: Tensor, _ statistics: BatchStatistics, scale: Tensor?, shift: Tensor?,
    _ body: (UnsafePointer<signflip_normalization>, Range<Int>) -> Void
  ) {
    precondition(
      statistics.mean.columns == input.columns && scale?.count ?? input.columns == input.columns
        && shift?.count ?? input.columns == input.columns, "expected \(input.columns) features")
    var normalization = signflip_normalization()
    normalization.input = UnsafePointer(input.base)
    (normalization.rows, normalization.columns) = (input.rows, input.columns)
    normalization.mean = statistics.mean.base
    normalization.inverse_deviation = statistics.inverseDeviation.base
    normalization.scale = scale.map { UnsafePointer($0.base) }
    normalization.shift = shift.map { UnsafePointer($0.base) }
    nonisolated(unsafe) let shared = normalization
    withoutActuallyEscaping(body) { escaping in
      nonisolated(unsafe) let work = escaping
      team.forEachRange(of: input.columns, multipleOf: 64, cost: input.count) { _, range in
        withUnsafePointer(to: shared) { work($0, range) }
      }
    }
  }
}
