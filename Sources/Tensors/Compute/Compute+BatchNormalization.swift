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
  /// Normalizes every column by the batch's own mean and variance.
  ///
  /// Computes `y = γ·(x - μ)/√(σ² + ε) + β` with μ and the biased σ² of the batch, and moves the running statistics:
  /// `running = momentum·running + (1 - momentum)·batch`, the variance with Bessel's correction. A batch of one row has no
  /// variance to tell, and leaves them as they are.
  /// - Parameters:
  ///   - input: shape `[batch, features]`.
  ///   - scale: γ, shape `[1, features]`; `shift`: β; `runningMean`, `runningVariance`: of the same shape.
  /// - SeeAlso: Ioffe and Szegedy 2015, arXiv:1502.03167, algorithm 1.
  package func batchNormalize(
    _ input: Tensor, scale: Tensor, shift: Tensor, runningMean: Tensor, runningVariance: Tensor,
    numbers: BatchNormalizationNumbers, statistics: BatchStatistics, into output: Tensor
  ) {
    output.resize(rows: input.rows)
    let (rows, columns) = (input.rows, input.columns)
    let (x, y) = (UncheckedPointer(input.base), UncheckedPointer(output.base))
    let (gamma, beta) = (UncheckedPointer(scale.base), UncheckedPointer(shift.base))
    let (mean, inverse) = (UncheckedPointer(statistics.mean.base), UncheckedPointer(statistics.inverseDeviation.base))
    let (oldMean, oldVariance) = (UncheckedPointer(runningMean.base), UncheckedPointer(runningVariance.base))
    let count = Float(rows)
    let correction = count / (count - 1)
    let movesRunning = rows > 1
    forEachColumnPart(rows: rows, columns: columns) { part in
      for column in part { (mean.base[column], inverse.base[column]) = (0, 0) }
      for row in 0..<rows {
        let line = x.base + row * columns
        for column in part { mean.base[column] += line[column] }
      }
      for column in part { mean.base[column] /= count }
      for row in 0..<rows {
        let line = x.base + row * columns
        for column in part {
          let deviation = line[column] - mean.base[column]
          inverse.base[column] += deviation * deviation
        }
      }
      for column in part {
        let variance = inverse.base[column] / count
        if movesRunning {
          oldMean.base[column] += (1 - numbers.momentum) * (mean.base[column] - oldMean.base[column])
          oldVariance.base[column] += (1 - numbers.momentum) * (variance * correction - oldVariance.base[column])
        }
        inverse.base[column] = 1 / (variance + numbers.epsilon).squareRoot()
      }
      for row in 0..<rows {
        let (line, result) = (x.base + row * columns, y.base + row * columns)
        for column in part {
          let normalized = (line[column] - mean.base[column]) * inverse.base[column]
          result[column] = gamma.base[column] * normalized + beta.base[column]
        }
      }
    }
  }

  /// Normalizes every column by the running statistics: `y = γ·(x - mean)/√(variance + ε) + β`.
  package func batchNormalizeForInference(
    _ input: Tensor, scale: Tensor, shift: Tensor, runningMean: Tensor, runningVariance: Tensor, epsilon: Float,
    into output: Tensor
  ) {
    output.resize(rows: input.rows)
    let (rows, columns) = (input.rows, input.columns)
    let (x, y) = (UncheckedPointer(input.base), UncheckedPointer(output.base))
    // y = factor·x + offset: one multiplication and one addition an element.
    let (factorBuffer, offsetBuffer) = (
      AlignedBuffer<Float>(capacity: columns), AlignedBuffer<Float>(capacity: columns)
    )
    let (factor, offset) = (UncheckedPointer(factorBuffer.base), UncheckedPointer(offsetBuffer.base))
    for column in 0..<columns {
      factor.base[column] = scale.base[column] / (runningVariance.base[column] + epsilon).squareRoot()
      offset.base[column] = shift.base[column] - runningMean.base[column] * factor.base[column]
    }
    forEachColumnPart(rows: rows, columns: columns) { part in
      for row in 0..<rows {
        let (line, result) = (x.base + row * columns, y.base + row * columns)
        for column in part { result[column] = factor.base[column] * line[column] + offset.base[column] }
      }
    }
  }

  /// The gradients of `batchNormalize`.
  ///
  /// With x̂ = (x - μ)/√(σ² + ε) and n rows: `dβ = Σ dy`, `dγ = Σ dy·x̂`,
  /// `dx = γ/√(σ² + ε) · (dy - dβ/n - x̂·dγ/n)`.
  package func batchNormalizationGradient(
    _ outputGradient: Tensor, input: Tensor, scale: Tensor, statistics: BatchStatistics, scaleGradient: Tensor,
    shiftGradient: Tensor, into inputGradient: Tensor
  ) {
    inputGradient.resize(rows: input.rows)
    let (rows, columns) = (input.rows, input.columns)
    let (x, dy, dx) = (
      UncheckedPointer(input.base), UncheckedPointer(outputGradient.base), UncheckedPointer(inputGradient.base)
    )
    let (mean, inverse) = (UncheckedPointer(statistics.mean.base), UncheckedPointer(statistics.inverseDeviation.base))
    let gamma = UncheckedPointer(scale.base)
    let (dGamma, dBeta) = (UncheckedPointer(scaleGradient.base), UncheckedPointer(shiftGradient.base))
    let count = Float(rows)
    forEachColumnPart(rows: rows, columns: columns) { part in
      for column in part { (dGamma.base[column], dBeta.base[column]) = (0, 0) }
      for row in 0..<rows {
        let (line, gradient) = (x.base + row * columns, dy.base + row * columns)
        for column in part {
          dBeta.base[column] += gradient[column]
          dGamma.base[column] += gradient[column] * (line[column] - mean.base[column]) * inverse.base[column]
        }
      }
      for row in 0..<rows {
        let (line, gradient) = (x.base + row * columns, dy.base + row * columns)
        let result = dx.base + row * columns
        for column in part {
          let normalized = (line[column] - mean.base[column]) * inverse.base[column]
          let centred = gradient[column] - (dBeta.base[column] + normalized * dGamma.base[column]) / count
          result[column] = gamma.base[column] * inverse.base[column] * centred
        }
      }
    }
  }

  // A thread takes whole columns: each sum is added up in the same order with any number of threads.
  @inline(__always)
  private func forEachColumnPart(rows: Int, columns: Int, _ body: (Range<Int>) -> Void) {
    team.forEachPart(of: rows * columns) { part, range in
      // forEachPart gives equal shares of the elements; the same shares of the columns are contiguous.
      let begin = rows == 0 ? 0 : range.lowerBound / rows
      let end = rows == 0 ? columns : (range.upperBound == rows * columns ? columns : range.upperBound / rows)
      if begin < end { body(begin..<end) }
    }
  }
}
