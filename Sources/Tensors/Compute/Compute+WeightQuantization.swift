private import CBinaryKernels

extension Compute {
  /// Makes the weights of few bits that products read.
  /// - Parameter countsFlips: whether the values that differ from the last ones count as flips.
  /// - Returns: how many these are, where they count.
  @discardableResult
  func quantize(_ parameter: Parameter, countsFlips: Bool) -> Int {
    guard let quantized = parameter.quantized else { return 0 }
    var buffers = signflip_quantized()
    buffers.weights = UnsafePointer(parameter.value.base)
    buffers.levels = quantized.levels.base
    buffers.scales = quantized.scales.base
    buffers.flip_counts = countsFlips ? parameter.flipCounts?.base : nil
    let countsFlips = buffers.flip_counts != nil
    let numbers = quantizer(of: parameter, quantized)
    let histogram = UncheckedPointer(flipHistograms.base)
    flipHistograms.base.update(repeating: 0, count: flipHistograms.capacity)
    let sums = UncheckedPointer(updateSums.base)
    updateSums.base.update(repeating: (0, 0), count: threads)
    nonisolated(unsafe) let shared = buffers
    let columns = parameter.value.columns
    team.forEachRange(of: parameter.value.rows, multipleOf: 1, cost: parameter.count) { part, range in
      withUnsafePointer(to: shared) { buffers in
        withUnsafePointer(to: numbers) { numbers in
          let flips = signflip_quantize(
            numbers, buffers, columns, range.lowerBound, range.upperBound, histogram.base + part * Parameter.flipBins)
          sums.base[part].flips = Int(flips)
        }
      }
    }
    if case .bfloat16(let rounded) = quantized.operand { round(quantized.levels, into: rounded) }
    guard countsFlips else { return 0 }
    let flips = (0..<threads).reduce(0) { $0 + updateSums.base[$1].flips }
    noteFlips(flips, of: parameter)
    return flips
  }

  private func quantizer(of parameter: Parameter, _ quantized: QuantizedWeights) -> signflip_quantizer {
    var numbers = signflip_quantizer()
    numbers.scale = 1
    switch quantized.quantization {
    case .ternary(let threshold, let isScaled):
      numbers.kind = signflip_quantizer_ternary
      numbers.scales_rows = isScaled ? 1 : 0
      switch threshold {
      case .meanSize: numbers.threshold = 0.7 * meanSize(of: parameter, quantized)
      case .fixed(let value): numbers.threshold = value
      }
    case .doReFa(bits: 1):
      numbers.kind = signflip_quantizer_signs
      numbers.scale = meanSize(of: parameter, quantized)
    case .doReFa(let bits):
      numbers.kind = signflip_quantizer_tanh
      numbers.steps = Float(1 << bits - 1)
      numbers.scale = 1 / numbers.steps
      quantized.greatest = greatestSize(of: parameter, quantized)
      numbers.greatest = quantized.greatest
    case .integers(let bits):
      numbers.kind = signflip_quantizer_integers
      numbers.steps = Float(1 << (bits - 1) - 1)
    }
    return numbers
  }

  /// Turns the gradient with respect to the quantized weights into that of the latent ones, in its place.
  func passQuantization(of parameter: Parameter, _ quantized: QuantizedWeights) {
    guard case .doReFa(let bits) = quantized.quantization, bits > 1 else { return }
    let (weights, gradient) = (UncheckedPointer(parameter.value.base), UncheckedPointer(parameter.gradient.base))
    let (rows, columns, greatest) = (parameter.value.rows, parameter.value.columns, quantized.greatest)
    let (sums, places) = (UncheckedPointer(quantized.sums.base), UncheckedPointer(quantized.sums.base + rows))
    team.forEachRange(of: rows, multipleOf: 1, cost: parameter.count) { _, range in
      signflip_tanh_gradient_sums(
        weights.base, greatest, gradient.base, sums.base, places.base, columns, range.lowerBound, range.upperBound)
    }
    // Row by row, so that threads do not matter. Of several greatest weights each has its share, as in the authors' code.
    var (sum, count) = (0.0, 0.0)
    for row in 0..<rows { (sum, count) = (sum + sums.base[row], count + places.base[row]) }
    let limit = Double(signflip_tanh(greatest))
    let share = limit > 0 ? Float(sum / (limit * limit * max(1, count))) : 0
    team.forEachRange(of: rows, multipleOf: 1, cost: parameter.count) { _, range in
      signflip_tanh_gradient(
        weights.base, greatest, share, gradient.base, columns, range.lowerBound, range.upperBound)
    }
  }

  private func meanSize(of parameter: Parameter, _ quantized: QuantizedWeights) -> Float {
    let (weights, sums) = (UncheckedPointer(parameter.value.base), UncheckedPointer(quantized.sums.base))
    let (rows, columns) = (parameter.value.rows, parameter.value.columns)
    team.forEachRange(of: rows, multipleOf: 1, cost: parameter.count) { _, range in
      signflip_magnitude_sums(weights.base, columns, sums.base, range.lowerBound, range.upperBound)
    }
    return Float((0..<rows).reduce(0.0) { $0 + sums.base[$1] } / Double(parameter.count))
  }

  private func greatestSize(of parameter: Parameter, _ quantized: QuantizedWeights) -> Float {
    let (weights, sizes) = (UncheckedPointer(parameter.value.base), UncheckedPointer(quantized.sums.base))
    let (rows, columns) = (parameter.value.rows, parameter.value.columns)
    team.forEachRange(of: rows, multipleOf: 1, cost: parameter.count) { _, range in
      signflip_greatest_magnitudes(weights.base, columns, sizes.base, range.lowerBound, range.upperBound)
    }
    return Float((0..<rows).reduce(0.0) { max($0, sizes.base[$1]) })
  }
}
