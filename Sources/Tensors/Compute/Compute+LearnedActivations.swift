internal import CBinaryKernels

/// The learned parameters of RPReLU, each of shape `[1, columns]`.
package struct RectifierNumbers {
  /// γ: the position of the kink.
  package let threshold: Tensor
  /// β: the slope below the kink.
  package let slope: Tensor
  /// ζ: the offset of the output.
  package let shift: Tensor

  /// Parameters, or their gradients.
  package init(threshold: Tensor, slope: Tensor, shift: Tensor) {
    (self.threshold, self.slope, self.shift) = (threshold, slope, shift)
  }

  var kernelArgument: signflip_rprelu {
    signflip_rprelu(threshold: threshold.base, slope: slope.base, shift: shift.base, columns: threshold.columns)
  }
}

extension Compute {
  // MARK: RSign

  /// Computes the sign of `x - a`: stores ±1, and where the estimator's window lets the gradient pass.
  /// - Parameter threshold: a, shape `[1, columns]`.
  package func sign(_ input: Tensor, threshold: Tensor, _ estimator: SignEstimator, into batch: SignBatch) {
    precondition(
      batch.columns == input.columns && threshold.count == input.columns,
      "expected \(batch.columns) columns, found \(input.columns)")
    batch.begin(rows: input.rows)
    let (x, a) = (UncheckedPointer(input.base), UncheckedPointer(threshold.base))
    let (signs, passes) = (UncheckedPointer(batch.signs.base), UncheckedPointer(batch.passes.base))
    let columns = input.columns
    team.forEachRange(of: input.rows, multipleOf: 1, cost: input.count) { _, range in
      signflip_shifted_signs(
        x.base, a.base, estimator.bitWindow, signs.base, passes.base, columns, range.lowerBound, range.upperBound)
    }
  }

  /// Subtracts `row`, shape `[1, columns]`, from each row.
  package func subtract(_ row: Tensor, from input: Tensor, into output: Tensor) {
    precondition(
      output.columns == input.columns && row.count == input.columns,
      "expected \(output.columns) columns, found \(input.columns)")
    output.resize(rows: input.rows)
    let (x, a, y) = (UncheckedPointer(input.base), UncheckedPointer(row.base), UncheckedPointer(output.base))
    let columns = input.columns
    team.forEachRange(of: input.rows, multipleOf: 1, cost: input.count) { _, range in
      signflip_subtract_threshold(x.base, a.base, y.base, columns, range.lowerBound, range.upperBound)
    }
  }

  /// Computes the gradient of a threshold: minus the column sums of the gradient that passes the sign.
  /// - Parameter threshold: receives the gradient, shape `[1, columns]`.
  package func thresholdGradient(_ gradient: Tensor, into threshold: Tensor) {
    precondition(threshold.count == gradient.columns, "expected \(gradient.columns) thresholds")
    let (source, columns) = (UncheckedPointer(gradient.base), gradient.columns)
    let sums = slices(of: gradient)
    forEachTile(of: gradient) { slice, range, rows in
      signflip_negative_sums(
        source.base, sums.base + slice * columns, columns, range.lowerBound, range.upperBound, rows.lowerBound,
        rows.upperBound)
    }
    addSlices(sums, of: gradient, divisor: 1, into: threshold)
  }

  // MARK: RPReLU

  /// Computes `y = x - γ + ζ` where `x > γ`, else `β·(x - γ) + ζ`.
  /// - Parameter output: receives y, with the shape of `input`.
  package func rectify(_ input: Tensor, _ numbers: RectifierNumbers, into output: Tensor) {
    check(numbers, columns: input.columns)
    precondition(output.columns == input.columns, "expected \(input.columns) columns, found \(output.columns)")
    output.resize(rows: input.rows)
    let (x, y) = (UncheckedPointer(input.base), UncheckedPointer(output.base))
    nonisolated(unsafe) let shared = numbers.kernelArgument
    team.forEachRange(of: input.rows, multipleOf: 1, cost: input.count) { _, range in
      withUnsafePointer(to: shared) {
        signflip_rprelu_forward($0, x.base, y.base, range.lowerBound, range.upperBound)
      }
    }
  }

  /// Computes the gradients of `rectify`: `dζ = Σ dy`, `dβ = Σ dy·(x - γ)·1[x <= γ]`, `dx = dy` or `β·dy`, `dγ = -Σ
  /// dx`.
  /// - Parameters:
  ///   - gradient: dy, with the shape of `input`; overwritten with dx.
  ///   - gradients: receive the gradients of the parameters.
  package func rectifierGradient(
    _ gradient: Tensor, input: Tensor, _ numbers: RectifierNumbers, into gradients: RectifierNumbers
  ) {
    check(numbers, columns: input.columns)
    check(gradients, columns: input.columns)
    precondition(
      (gradient.rows, gradient.columns) == (input.rows, input.columns), "expected a gradient of the activation's shape")
    let (x, dy, columns) = (UncheckedPointer(input.base), UncheckedPointer(gradient.base), input.columns)
    let size = sliceCount(of: input) * columns
    let thresholds = slices(of: input, count: 3)
    let (slopes, shifts) = (
      UncheckedPointer(thresholds.base + size), UncheckedPointer(thresholds.base + 2 * size)
    )
    nonisolated(unsafe) let shared = numbers.kernelArgument
    forEachTile(of: input) { slice, range, rows in
      let place = slice * columns
      withUnsafePointer(to: shared) {
        signflip_rprelu_gradient(
          $0, x.base, dy.base, thresholds.base + place, slopes.base + place, shifts.base + place, range.lowerBound,
          range.upperBound, rows.lowerBound, rows.upperBound)
      }
    }
    addSlices(thresholds, of: input, divisor: 1, into: gradients.threshold)
    addSlices(slopes, of: input, divisor: 1, into: gradients.slope)
    addSlices(shifts, of: input, divisor: 1, into: gradients.shift)
  }

  private func check(_ numbers: RectifierNumbers, columns: Int) {
    precondition(
      numbers.threshold.count == columns && numbers.slope.count == columns && numbers.shift.count == columns,
      "expected learned numbers of \(columns) columns")
  }
}
