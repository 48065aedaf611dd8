private import CBinaryKernels

/// The statistics of a batch that batch normalization keeps for the backward pass: one value per column each.
package final class BatchStatistics {
  let mean: Tensor
  let variance: Tensor
  let inverseDeviation: Tensor
  /// The kind of multiplication.
  let kind: BatchNormalizationNumbers.Kind
  /// Whether they are those of inference.
  fileprivate(set) var areRunning = false

  /// Statistics of `columns` features.
  package init(columns: Int, kind: BatchNormalizationNumbers.Kind = .standard) {
    self.kind = kind
    mean = Tensor(rows: 1, columns: columns)
    variance = Tensor(rows: 1, columns: columns)
    inverseDeviation = Tensor(rows: 1, columns: columns)
  }

  /// The statistics of a network that is ready: μ, and 1/√(σ² + ε) or what stands for it, shape `[1, features]`.
  package init(mean: Tensor, inverseDeviation: Tensor) {
    kind = .standard
    areRunning = true
    (self.mean, self.inverseDeviation) = (mean, inverseDeviation)
    variance = Tensor(rows: 1, columns: mean.columns)
  }
}

/// The settings of batch normalization.
package struct BatchNormalizationNumbers: Hashable, Codable, Sendable {
  /// The kind of multiplication in batch normalization.
  package enum Kind: String, Codable, Sendable, CaseIterable {
    /// Exact multiplication.
    case standard
    /// Shift-based: multiplies by powers of two only. With c = x - μ, `σ² = mean(c·AP2(c))`, `s = AP2(1/√(σ² + ε))`, `y
    /// = AP2(γ)·(c·s) + β`.
    ///
    /// The gradients are those of the standard kind with AP2(c), s and AP2(γ) in place of c, 1/√(σ² + ε) and γ, as in
    /// the authors' code: with ĉ = AP2(c), `dβ = Σ dy`, `dγ = Σ dy·ĉ·s`, `dx = AP2(γ)·s·(dy - mean(dy) -
    /// ĉ·s²·mean(dy·ĉ))`. (AP2 is a step function with derivative 0; the exact gradient would omit the contribution of
    /// the variance.)
    /// - SeeAlso: Courbariaux et al. 2016, arXiv:1602.02830, section 1.4 and algorithm 3.
    case shift
  }

  /// Added to the variance.
  package var epsilon: Float
  /// The weight of the old running statistics in an update.
  package var momentum: Float
  /// The kind of multiplication; nil for the standard kind.
  package var kind: Kind?

  /// Settings of batch normalization.
  package init(epsilon: Float, momentum: Float, kind: Kind? = nil) {
    self.epsilon = epsilon
    self.momentum = momentum
    self.kind = kind
  }

  /// Settings for a network that does not state any.
  package static let absent = BatchNormalizationNumbers(epsilon: 1e-5, momentum: 0.9)
}

extension Compute {
  /// Computes the mean and variance of each column of a batch.
  ///
  /// The normalization uses the batch's biased variance (or the kind's own). Running statistics are updated with
  /// `running = momentum·running + (1 - momentum)·batch`, using the variance with Bessel's correction. A batch of one
  /// row has no such variance, and leaves the running statistics unchanged.
  /// - Parameters:
  ///   - input: shape `[batch, features]`.
  ///   - runningMean, runningVariance: shape `[1, features]`.
  /// - SeeAlso: Ioffe and Szegedy 2015, arXiv:1502.03167, algorithm 1.
  package func gatherStatistics(
    _ input: Tensor, runningMean: Tensor, runningVariance: Tensor, numbers: BatchNormalizationNumbers,
    into statistics: BatchStatistics
  ) {
    statistics.areRunning = false
    var normalization = normalization(input, statistics, scale: nil, shift: nil)
    for (ofSquares, result) in [(Int32(0), statistics.mean), (1, statistics.variance)] {
      let sums = slices(of: input)
      forEachTile(of: input, normalization) { normalization, slice, columns, rows in
        signflip_normalization_sums(
          normalization, ofSquares, sums.base + slice * input.columns, columns.lowerBound, columns.upperBound,
          rows.lowerBound, rows.upperBound)
      }
      addSlices(sums, of: input, divisor: Double(input.rows), into: result)
    }
    signflip_finish_statistics(
      &normalization, statistics.variance.base, numbers.epsilon, numbers.momentum, runningMean.base,
      runningVariance.base)
  }

  /// Uses the running statistics instead of a batch's.
  package func useStatistics(
    mean: Tensor, variance: Tensor, epsilon: Float, into statistics: BatchStatistics
  ) {
    statistics.areRunning = true
    statistics.mean.copy(from: mean)
    for column in 0..<variance.columns {
      let inverse = 1 / (variance.base[column] + epsilon).squareRoot()
      statistics.inverseDeviation.base[column] = statistics.kind == .shift ? inverse.nearestPower : inverse
    }
  }

  /// Normalizes each column: `y = γ·(x - μ)/√(σ² + ε) + β`, or as the statistics' kind defines, optionally followed by
  /// `max(0, y)`.
  /// - Parameters:
  ///   - input: shape `[batch, features]`.
  ///   - scale: γ, shape `[1, features]`; `shift`: β, of the same shape.
  package func normalize(
    _ input: Tensor, _ statistics: BatchStatistics, scale: Tensor, shift: Tensor, rectifies: Bool, into output: Tensor
  ) {
    precondition(output.columns == input.columns, "expected \(input.columns) columns, found \(output.columns)")
    output.resize(rows: input.rows)
    let y = UncheckedPointer(output.base)
    forEachTile(of: input, normalization(input, statistics, scale: scale, shift: shift)) { n, _, columns, rows in
      signflip_normalize(
        n, y.base, rectifies ? 1 : 0, columns.lowerBound, columns.upperBound, rows.lowerBound, rows.upperBound)
    }
  }

  /// Normalizes each column, and stores only the signs of the result and where it lies in the window, without writing
  /// floats.
  /// - Parameter random: if given, signs are stochastic: +1 with probability clamp((y + 1)/2, 0, 1).
  package func normalizeToSigns(
    _ input: Tensor, _ statistics: BatchStatistics, scale: Tensor, shift: Tensor, _ estimator: SignEstimator,
    random: RandomStream? = nil, into batch: SignBatch
  ) {
    precondition(batch.columns == input.columns, "expected \(input.columns) columns, found \(batch.columns)")
    batch.begin(rows: input.rows)
    let (signs, passes) = (UncheckedPointer(batch.signs.base), UncheckedPointer(batch.passes.base))
    forEachTile(of: input, normalization(input, statistics, scale: scale, shift: shift)) { n, _, columns, rows in
      if let random {
        return signflip_normalize_to_drawn_signs(
          n, estimator.bitWindow, random.kernelArgument, signs.base, passes.base, columns.lowerBound,
          columns.upperBound, rows.lowerBound, rows.upperBound)
      }
      signflip_normalize_to_signs(
        n, estimator.bitWindow, signs.base, passes.base, columns.lowerBound, columns.upperBound, rows.lowerBound,
        rows.upperBound)
    }
  }

  /// Computes the gradients of a normalization and of the activation after it.
  ///
  /// With x̂ = (x - μ)/√(σ² + ε), n rows, and dy the gradient that passes `gate`: `dβ = Σ dy`, `dγ = Σ dy·x̂`, `dx =
  /// γ/√(σ² + ε) · (dy - dβ/n - x̂·dγ/n)`.
  /// - Parameter gradient: dC/d(activation), shape `[batch, features]`; overwritten with dx.
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
    let normalization = normalization(input, statistics, scale: scale, shift: shift)
    let sums = slices(of: input, count: 2)
    let ofShifts = UncheckedPointer(sums.base + sliceCount(of: input) * input.columns)
    forEachTile(of: input, normalization) { normalization, slice, columns, rows in
      let place = slice * input.columns
      withUnsafePointer(to: shared) { gate in
        signflip_normalization_gradient_sums(
          normalization, gate, dx.base, sums.base + place, ofShifts.base + place, columns.lowerBound,
          columns.upperBound, rows.lowerBound, rows.upperBound)
      }
    }
    addSlices(sums, of: input, divisor: 1, into: scaleGradient)
    addSlices(ofShifts, of: input, divisor: 1, into: shiftGradient)
    forEachTile(of: input, normalization) { normalization, _, columns, rows in
      signflip_normalization_gradient(
        normalization, dGamma.base, dBeta.base, dx.base, columns.lowerBound, columns.upperBound, rows.lowerBound,
        rows.upperBound)
    }
  }

  // MARK: Tiles

  // Rows per slice. Sums over rows are computed per slice and then added, so that they do not depend on the number of
  // threads.
  private static let sliceRows = 4096

  func sliceCount(of input: Tensor) -> Int {
    max(1, (input.rows + Compute.sliceRows - 1) / Compute.sliceRows)
  }

  // Scratch memory for `count` sums per column and slice.
  func slices(of input: Tensor, count: Int = 1) -> UncheckedPointer<Float> {
    AlignedBuffer.reserve(&sliceSums, count * sliceCount(of: input) * input.columns)
    return UncheckedPointer(sliceSums.base)
  }

  func addSlices(
    _ slices: UncheckedPointer<Float>, of input: Tensor, divisor: Double, into sums: Tensor
  ) {
    signflip_add_slices(slices.base, sliceCount(of: input), input.columns, divisor, sums.base)
  }

  private func normalization(
    _ input: Tensor, _ statistics: BatchStatistics, scale: Tensor?, shift: Tensor?
  ) -> signflip_normalization {
    precondition(
      statistics.mean.columns == input.columns && scale?.count ?? input.columns == input.columns
        && shift?.count ?? input.columns == input.columns, "expected \(input.columns) features")
    var normalization = signflip_normalization()
    normalization.input = UnsafePointer(input.base)
    (normalization.rows, normalization.columns) = (input.rows, input.columns)
    normalization.mean = statistics.mean.base
    normalization.inverse_deviation = statistics.inverseDeviation.base
    normalization.shifts = statistics.kind == .shift ? 1 : 0
    normalization.apart = statistics.areRunning ? 1 : 0
    normalization.scale = scale.map { UnsafePointer($0.base) }
    normalization.shift = shift.map { UnsafePointer($0.base) }
    return normalization
  }

  // Calls the body for each tile of a normalization's input or output.
  private func forEachTile(
    of input: Tensor, _ normalization: signflip_normalization,
    _ body: (UnsafePointer<signflip_normalization>, _ slice: Int, _ columns: Range<Int>, _ rows: Range<Int>) -> Void
  ) {
    nonisolated(unsafe) let shared = normalization
    forEachTile(of: input) { slice, columns, rows in
      withUnsafePointer(to: shared) { body($0, slice, columns, rows) }
    }
  }

  // Divides [rows, columns] into tiles of one slice and 64 columns, one word of signs.
  func forEachTile(of input: Tensor, _ body: (_ slice: Int, _ columns: Range<Int>, _ rows: Range<Int>) -> Void) {
    let (rows, columns) = (input.rows, input.columns)
    let blocks = (columns + 63) / 64
    withoutActuallyEscaping(body) { escaping in
      nonisolated(unsafe) let work = escaping
      team.forEachRange(of: sliceCount(of: input) * blocks, multipleOf: 1, cost: input.count) { _, tiles in
        for tile in tiles {
          let (slice, block) = (tile / blocks, tile % blocks)
          work(
            slice, block * 64..<min(columns, block * 64 + 64),
            slice * Compute.sliceRows..<min(rows, (slice + 1) * Compute.sliceRows))
        }
      }
    }
  }
}
