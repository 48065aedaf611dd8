private import CBinaryKernels

/// Access to latent weights for their quantizer: measures of W, and kernels that write q.
package struct LatentWeights {
  let parameter: Parameter
  let quantized: QuantizedWeights
  let compute: Compute
  /// Whether changed values of q count as flips.
  let countsFlips: Bool

  /// The fraction of the training that is done, 0...1.
  package var progress: Double { quantized.progress }

  /// How q is computed from W.
  package enum Levels: Hashable, Sendable {
    /// 1 where W > threshold, -1 where W < -threshold, else 0; s is 1, or the mean of |W| over the row's weights beyond
    /// the threshold.
    case ternary(threshold: Float, scalesRows: Bool)
    /// -1 where W < 0, else 1; s is the given scale.
    case signs(scale: Float)
    /// `2·round(steps·(tanh W / (2·tanh greatest) + 1/2)) - steps`; s is `1/steps`.
    case tanh(steps: Int, greatest: Float)
    /// `round(steps·W/m)`, m the largest |W| of the row; s is `m/steps`.
    case integers(steps: Int)
  }

  /// Writes q and s.
  /// - Returns: the number of changed values of q, if flips are counted.
  package func write(_ levels: Levels) -> Int {
    var numbers = signflip_quantizer()
    numbers.scale = 1
    switch levels {
    case .ternary(let threshold, let scalesRows):
      numbers.kind = signflip_quantizer_ternary
      numbers.threshold = threshold
      numbers.scales_rows = scalesRows ? 1 : 0
    case .signs(let scale):
      numbers.kind = signflip_quantizer_signs
      numbers.scale = scale
    case .tanh(let steps, let greatest):
      numbers.kind = signflip_quantizer_tanh
      numbers.steps = Float(steps)
      numbers.scale = 1 / numbers.steps
      quantized.greatest = greatest
      numbers.greatest = greatest
    case .integers(let steps):
      numbers.kind = signflip_quantizer_integers
      numbers.steps = Float(steps)
    }
    var buffers = signflip_quantized()
    buffers.weights = UnsafePointer(parameter.value.base)
    buffers.levels = quantized.levels.base
    buffers.scales = quantized.scales.base
    nonisolated(unsafe) let shared = buffers
    let (constants, columns) = (numbers, parameter.value.columns)
    return compute.countFlips(of: parameter, countsFlips) { flipCounts, rows, histogram in
      var buffers = shared
      buffers.flip_counts = flipCounts
      return withUnsafePointer(to: buffers) { buffers in
        withUnsafePointer(to: constants) { numbers in
          signflip_quantize(numbers, buffers, columns, rows.lowerBound, rows.upperBound, histogram)
        }
      }
    }
  }

  /// Returns the mean of |W| over the layer.
  package func meanMagnitude() -> Float {
    let (weights, sums) = (UncheckedPointer(parameter.value.base), UncheckedPointer(quantized.sums.base))
    let columns = parameter.value.columns
    forEachRange { signflip_magnitude_sums(weights.base, columns, sums.base, $0.lowerBound, $0.upperBound) }
    return Float((0..<parameter.value.rows).reduce(0.0) { $0 + sums.base[$1] } / Double(parameter.count))
  }

  /// Returns the largest |W| of the layer.
  package func greatestMagnitude() -> Float {
    let (weights, magnitudes) = (UncheckedPointer(parameter.value.base), UncheckedPointer(quantized.sums.base))
    let columns = parameter.value.columns
    forEachRange { signflip_greatest_magnitudes(weights.base, columns, magnitudes.base, $0.lowerBound, $0.upperBound) }
    return Float((0..<parameter.value.rows).reduce(0.0) { max($0, magnitudes.base[$1]) })
  }

  /// Converts the gradient of `tanh W / max|tanh W|` to that of W, including that of the maximum, for q made by
  /// `Levels.tanh`.
  package func passTanh() {
    let (weights, gradient) = (UncheckedPointer(parameter.value.base), UncheckedPointer(parameter.gradient.base))
    let (rows, columns, greatest) = (parameter.value.rows, parameter.value.columns, quantized.greatest)
    let (sums, places) = (UncheckedPointer(quantized.sums.base), UncheckedPointer(quantized.sums.base + rows))
    forEachRange {
      signflip_tanh_gradient_sums(
        weights.base, greatest, gradient.base, sums.base, places.base, columns, $0.lowerBound, $0.upperBound)
    }
    // Summed row by row, so that the result does not depend on the number of threads. Several equal maxima share the
    // gradient, as in the authors' code.
    var (sum, count) = (0.0, 0.0)
    for row in 0..<rows { (sum, count) = (sum + sums.base[row], count + places.base[row]) }
    let limit = Double(signflip_tanh(greatest))
    let share = limit > 0 ? Float(sum / (limit * limit * max(1, count))) : 0
    forEachRange {
      signflip_tanh_gradient(weights.base, greatest, share, gradient.base, columns, $0.lowerBound, $0.upperBound)
    }
  }

  /// Runs `body` on ranges of rows, one range per thread.
  func forEachRange(_ body: (Range<Int>) -> Void) {
    compute.team.forEachRange(of: parameter.value.rows, multipleOf: 1, cost: parameter.count) { _, range in
      body(range)
    }
  }
}

extension Compute {
  /// Computes the quantized weights for products.
  /// - Parameter countsFlips: whether changed values count as flips.
  /// - Returns: the number of flips, if they are counted.
  @discardableResult
  func quantize(_ parameter: Parameter, countsFlips: Bool) -> Int {
    guard let quantized = parameter.quantized else { return 0 }
    let flips = quantized.quantizer.quantize(
      LatentWeights(
        parameter: parameter, quantized: quantized, compute: self,
        countsFlips: countsFlips && parameter.flipCounts != nil))
    if let signs = quantized.signs {
      packSigns(quantized.levels, into: signs)
    } else if case .bfloat16(let rounded) = quantized.operand {
      round(quantized.levels, into: rounded)
    }
    return flips
  }

  /// Converts the gradient with respect to quantized weights to that of the latent weights, in place.
  func passQuantization(of parameter: Parameter, _ quantized: QuantizedWeights) {
    quantized.quantizer.passGradient(
      LatentWeights(parameter: parameter, quantized: quantized, compute: self, countsFlips: false))
  }

  /// Runs a pass that writes q over ranges of rows, one range per thread, and records the flips if they are counted.
  /// - Parameter pass: receives the weights' flip counts (nil if flips are not counted), rows, and a histogram; returns
  ///   the number of flips.
  func countFlips(
    of parameter: Parameter, _ countsFlips: Bool,
    _ pass: (UnsafeMutablePointer<UInt16>?, Range<Int>, UnsafeMutablePointer<Int64>) -> UInt64
  ) -> Int {
    let histogram = UncheckedPointer(flipHistograms.base)
    flipHistograms.base.update(repeating: 0, count: flipHistograms.capacity)
    let sums = UncheckedPointer(updateSums.base)
    updateSums.base.update(repeating: (0, 0), count: threads)
    nonisolated(unsafe) let flipCounts = countsFlips ? parameter.flipCounts?.base : nil
    team.forEachRange(of: parameter.value.rows, multipleOf: 1, cost: parameter.count) { part, range in
      sums.base[part].flips = Int(pass(flipCounts, range, histogram.base + part * Parameter.flipBins))
    }
    guard flipCounts != nil else { return 0 }
    let flips = (0..<threads).reduce(0) { $0 + updateSums.base[$1].flips }
    noteFlips(flips, of: parameter)
    return flips
  }
}
