private import CBinaryKernels

// The products of a packed network.

extension Compute {
  /// Computes `n = x·Wᵀ` of signs and signs.
  /// - Parameter sums: gets shape `[batch, outputs]`.
  package func multiply(_ input: SignBatch, _ weights: SignMatrix, into sums: SumMatrix) {
    sums.resize(rows: input.rows)
    var result = signflip_xnor_result()
    result.dots = sums.base
    result.stride = sums.columns
    multiply(input, weights, rows: input.rows, result)
  }

  /// Computes `x·Wᵀ` of signs and signs, and compares the sums with thresholds; the sums are not stored.
  /// - Parameter thresholds: must have one border class.
  package func multiply(
    _ input: SignBatch, _ weights: SignMatrix, _ thresholds: SignThresholds, into output: SignBatch
  ) {
    output.beginInference(rows: input.rows)
    multiply(input, weights, rows: input.rows, result(thresholds, output))
  }

  private func multiply(_ input: SignBatch, _ weights: SignMatrix, rows: Int, _ result: signflip_xnor_result) {
    let bits = weights.bits
    precondition(input.columns == bits.columns, "the operands' inner dimensions differ")
    let operands = signflip_xnor_operands(
      rows: input.signs.base, kept: nil, panels: weights.panels(team), words: bits.words, depth: bits.columns,
      columns: bits.rows)
    nonisolated(unsafe) let (shared, target) = (operands, result)
    let kernels = kernels
    team.forEachRange(of: rows, multipleOf: 8, cost: rows * bits.rows * bits.words) { _, range in
      withUnsafePointer(to: shared) { operands in
        withUnsafePointer(to: target) { result in
          kernels.table.pointee.xnor_product(operands, result, range.lowerBound, range.upperBound)
        }
      }
    }
  }

  /// Computes the sums of a convolution of signs with signs. Depending on the padding, positions outside of the image are
  /// left out or are +1.
  package func convolve(_ images: SignBatch, _ windows: ImageWindows, _ filters: SignMatrix, into sums: SumMatrix) {
    sums.resize(rows: images.rows / windows.input.pixels * windows.count)
    var result = signflip_xnor_result()
    result.dots = sums.base
    result.stride = sums.columns
    convolve(images, windows, filters, result)
  }

  /// Computes a convolution of signs with signs, and compares the sums with thresholds; the sums are not stored.
  /// - Parameter thresholds: must have one border class.
  package func convolve(
    _ images: SignBatch, _ windows: ImageWindows, _ filters: SignMatrix, _ thresholds: SignThresholds,
    into output: SignBatch
  ) {
    output.beginInference(rows: images.rows / windows.input.pixels * windows.count)
    convolve(images, windows, filters, result(thresholds, output))
  }

  private func result(_ thresholds: SignThresholds, _ output: SignBatch) -> signflip_xnor_result {
    precondition(thresholds.hasOneClass && thresholds.columns == output.columns, "expected one border class")
    var result = signflip_xnor_result()
    result.bits = output.signs.base
    result.thresholds = UnsafePointer(thresholds.thresholds.base)
    result.inverted = UnsafePointer(thresholds.inverted.base)
    result.stride = output.signs.words
    return result
  }

  /// Computes `n = x·Wᵀ` of bytes and signs.
  ///
  /// For few rows, the bytes are split into bit planes and the weights stay bits. For more rows, the weights are read as bytes.
  /// - Parameters:
  ///   - input: x, with up to 3 additional columns of zeros.
  ///   - weights: W, shape `[outputs, inputs]`.
  ///   - panels: W as bytes, made on first use.
  package func multiply(
    _ input: ByteMatrix, _ weights: SignMatrix, _ panels: @autoclosure () -> BytePanels, into sums: SumMatrix
  ) {
    sums.resize(rows: input.rows)
    if input.rows <= Self.fewRows { return multiplyPlanes(input, weights, into: sums) }
    precondition(sums.columns == weights.bits.rows, "the operands' dimensions differ")
    var result = signflip_byte_result()
    result.dots = sums.base
    result.stride = sums.columns
    multiply(input, panels(), result)
  }

  /// Computes `x·Wᵀ` of bytes and signs, and compares the sums with thresholds; sums of many rows are not stored.
  /// - Parameter sums: memory for the sums of few rows.
  package func multiply(
    _ input: ByteMatrix, _ weights: SignMatrix, _ panels: @autoclosure () -> BytePanels, _ thresholds: SignThresholds,
    through sums: SumMatrix, into output: SignBatch
  ) {
    guard input.rows > Self.fewRows else {
      multiply(input, weights, panels(), into: sums)
      return threshold(sums, thresholds, into: output)
    }
    precondition(
      thresholds.columns == weights.bits.rows && output.columns == weights.bits.rows, "the operands' dimensions differ")
    output.beginInference(rows: input.rows)
    var result = signflip_byte_result()
    result.bits = output.signs.base
    result.thresholds = UnsafePointer(thresholds.thresholds.base)
    result.inverted = UnsafePointer(thresholds.inverted.base)
    result.classes = thresholds.kernelClasses
    result.stride = output.signs.words
    multiply(input, panels(), result)
  }

  private func multiply(_ input: ByteMatrix, _ panels: BytePanels, _ result: signflip_byte_result) {
    precondition(
      input.columns >= panels.depth && signflip_byte_panel(input.columns) == signflip_byte_panel(panels.depth),
      "the operands' dimensions differ")
    let operands = signflip_byte_operands(
      bytes: input.base, panels: panels.panels.base, depth: input.columns, columns: panels.columns)
    nonisolated(unsafe) let (shared, target) = (operands, result)
    let kernels = kernels
    team.forEachRange(of: input.rows, multipleOf: 8, cost: input.count * panels.columns / 32) { _, range in
      withUnsafePointer(to: shared) { operands in
        withUnsafePointer(to: target) { result in
          kernels.table.pointee.byte_product(operands, result, range.lowerBound, range.upperBound)
        }
      }
    }
  }

  // The largest number of rows that are multiplied by bit planes: these are eight times the rows, but the weights are an
  // eighth of the bytes.
  private static let fewRows = 4

  private func multiplyPlanes(_ input: ByteMatrix, _ weights: SignMatrix, into sums: SumMatrix) {
    let bits = weights.bits
    precondition(input.columns >= bits.columns && sums.columns == bits.rows, "the operands' dimensions differ")
    AlignedBuffer.reserve(&bytePlanes, 16 * bits.words)
    AlignedBuffer.reserve(&planeSums, 8 * bits.rows)
    let panels = weights.panels(team)
    // Products of +1 with the weights, where a plane's bit is set: the first eight rows are the planes, the other eight are +1.
    var operands = signflip_xnor_operands()
    operands.rows = UnsafePointer(bytePlanes.base + 8 * bits.words)
    operands.kept = UnsafePointer(bytePlanes.base)
    operands.panels = panels
    (operands.words, operands.depth, operands.columns) = (bits.words, bits.columns, bits.rows)
    (bytePlanes.base + 8 * bits.words).update(repeating: 0, count: 8 * bits.words)
    var result = signflip_xnor_result()
    result.dots = planeSums.base
    result.stride = bits.rows
    for row in 0..<input.rows {
      signflip_byte_planes(input.base + row * input.columns, bits.columns, bytePlanes.base)
      kernels.table.pointee.xnor_product(&operands, &result, 0, 8)
      signflip_join_planes(planeSums.base, sums.base + row * sums.columns, sums.columns)
    }
  }

  /// Computes `n = x·Wᵀ` of bytes or levels with small integers.
  package func multiply(_ input: ByteMatrix, _ weights: Matrix<Int16>, into sums: SumMatrix) {
    precondition(
      input.columns == weights.columns && sums.columns == weights.rows, "the operands' dimensions differ")
    sums.resize(rows: input.rows)
    let (x, w, n) = (UncheckedPointer(input.base), UncheckedPointer(weights.base), UncheckedPointer(sums.base))
    let (depth, columns) = (weights.columns, weights.rows)
    team.forEachRange(of: input.rows, multipleOf: 1, cost: sums.count * depth / 8) { _, range in
      signflip_integer_product(x.base, w.base, n.base, depth, columns, range.lowerBound, range.upperBound)
    }
  }

  /// Computes `y = x·Wᵀ` of floats. Each sum is added in the order of the inputs, so the result is equal on every processor.
  package func multiply(_ input: Tensor, _ weights: FloatPanels, into output: Tensor) {
    precondition(
      input.columns == weights.depth && output.columns == weights.columns, "the operands' dimensions differ")
    output.resize(rows: input.rows)
    let (x, w, y) = (
      UncheckedPointer(input.base), UncheckedPointer(weights.panels.base), UncheckedPointer(output.base)
    )
    let (depth, columns) = (weights.depth, weights.columns)
    team.forEachRange(of: input.rows, multipleOf: 4, cost: output.count * depth / 4) { _, range in
      signflip_float_product(x.base, w.base, y.base, depth, columns, range.lowerBound, range.upperBound)
    }
  }

  /// Computes `y = x·(S + T)ᵀ/2` of floats and two planes of signs: ternary weights.
  package func multiply(_ input: Tensor, _ first: SignMatrix, _ second: SignMatrix, into output: Tensor) {
    let bits = first.bits
    precondition(input.columns == bits.columns && output.columns == bits.rows, "the operands' dimensions differ")
    output.resize(rows: input.rows)
    multiply(
      signflip_sign_operands(
        a: input.base, row_stride: input.columns, depth_stride: 1, signs: first.wordMajor(team),
        signs_too: second.wordMajor(team), stride: bits.rows, depth: bits.columns, columns: bits.rows, scale: 0.5),
      into: output)
  }
}
