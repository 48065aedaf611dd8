internal import CBinaryKernels

extension Compute {
  // MARK: Packing

  /// Packs the signs of `tensor`: -1 where x < 0, else +1.
  func packSigns(_ tensor: Tensor, into matrix: SignMatrix) {
    let bits = matrix.bits
    precondition((tensor.rows, tensor.columns) == (bits.rows, bits.columns), "expected weights of one shape")
    defer { matrix.didChange() }
    let (source, target) = (UncheckedPointer(tensor.base), UncheckedPointer(bits.base))
    let (columns, words) = (bits.columns, bits.words)
    let kernels = kernels
    team.forEachRange(of: tensor.rows, multipleOf: 1, cost: tensor.count) { _, range in
      for row in range {
        kernels.table.pointee.pack_signs(source.base + row * columns, columns, target.base + row * words)
      }
    }
  }

  /// Unpacks a batch of signs to floats.
  package func unpack(_ batch: SignBatch, into output: Tensor) {
    precondition(batch.columns == output.columns, "expected \(output.columns) columns, found \(batch.columns)")
    output.resize(rows: batch.rows)
    let (signs, target) = (UncheckedPointer(batch.signs.base), UncheckedPointer(output.base))
    let kept = batch.kept.map { UncheckedPointer($0.base) }
    let (scale, columns) = (batch.scale, batch.columns)
    team.forEachRange(of: batch.rows, multipleOf: 1, cost: output.count) { _, range in
      signflip_unpack_signs(
        signs.base, kept?.base, scale, target.base, columns, range.lowerBound, range.upperBound)
    }
  }

  /// The sign activation: stores ±1, and where the estimator's window lets the gradient pass.
  /// - Parameter random: if given, signs are stochastic: +1 with probability clamp((x + 1)/2, 0, 1).
  /// - SeeAlso: Courbariaux et al. 2016, arXiv:1602.02830, eq. 1, 2 and 4.
  package func sign(
    _ input: Tensor, _ estimator: SignEstimator, random: RandomStream? = nil, into batch: SignBatch
  ) {
    precondition(batch.columns == input.columns, "expected \(batch.columns) columns, found \(input.columns)")
    batch.begin(rows: input.rows)
    let (x, signs, passes) = (
      UncheckedPointer(input.base), UncheckedPointer(batch.signs.base), UncheckedPointer(batch.passes.base)
    )
    let columns = input.columns
    team.forEachRange(of: input.rows, multipleOf: 1, cost: input.count) { _, range in
      signflip_signs_and_window(
        x.base, estimator.bitWindow, signs.base, passes.base, columns, range.lowerBound, range.upperBound)
      guard let random else { return }
      signflip_stochastic_signs(
        x.base, 1, signs.base, random.kernelArgument, columns, range.lowerBound, range.upperBound)
    }
  }

  /// Sets each sign of a batch to 0 with probability `rate`, and divides the others by `1 - rate`.
  package func dropout(_ batch: SignBatch, rate: Float, random: RandomStream) {
    precondition(rate >= 0 && rate < 1, "expected a dropout rate in 0..<1, found \(rate)")
    let kept = UncheckedPointer(batch.beginDropout(rate: rate).base)
    let columns = batch.columns
    team.forEachRange(of: batch.rows, multipleOf: 1, cost: batch.rows * columns) { _, range in
      signflip_kept_bits(rate, kept.base, random.kernelArgument, columns, range.lowerBound, range.upperBound)
    }
  }

  /// Zeroes the elements of `gradient` that do not pass the activation, and scales the others.
  package func gate(_ gradient: Tensor, by gate: GradientGate) {
    precondition(gate.fits(gradient), "expected a gradient of the activation's shape")
    let argument = gate.kernelArgument
    nonisolated(unsafe) let shared = argument
    let target = UncheckedPointer(gradient.base)
    let columns = gradient.columns
    team.forEachRange(of: gradient.rows, multipleOf: 1, cost: gradient.count) { _, range in
      withUnsafePointer(to: shared) {
        signflip_gate_gradient($0, target.base, columns, range.lowerBound, range.upperBound)
      }
    }
  }

  // MARK: Products

  /// Computes `y = x·Wᵀ` of floats and signs, in float32.
  ///
  /// For each group of four to six inputs, all possible sums are tabulated for 16 rows of the batch at once; see
  /// `signflip_bits.sign_product`.
  /// - Parameters:
  ///   - input: x, shape `[batch, inputs]`.
  ///   - weights: W, shape `[outputs, inputs]`.
  ///   - output: shape `[batch, outputs]`.
  package func multiply(_ input: Tensor, _ weights: SignMatrix, into output: Tensor) {
    let bits = weights.bits
    check(input.columns == bits.columns, output, rows: input.rows, columns: bits.rows)
    multiply(
      signflip_sign_operands(
        a: input.base, row_stride: input.columns, depth_stride: 1, signs: weights.wordMajor(team), signs_too: nil,
        stride: bits.rows, depth: bits.columns, columns: bits.rows, scale: 1), into: output)
  }

  /// Computes `y = x·Wᵀ` of signs and signs, with XOR and popcount.
  /// - Parameters:
  ///   - input: x, shape `[batch, inputs]`.
  ///   - weights: W, shape `[outputs, inputs]`.
  /// - output: shape `[batch, outputs]`; the exact sums times the scale of `input`.
  package func multiply(_ input: SignBatch, _ weights: SignMatrix, into output: Tensor) {
    let bits = weights.bits
    check(input.columns == bits.columns, output, rows: input.rows, columns: bits.rows)
    let operands = signflip_xnor_operands(
      rows: input.signs.base, kept: input.kept.map { UnsafePointer($0.base) }, panels: weights.panels(team),
      words: bits.words, depth: bits.columns, columns: bits.rows)
    var result = signflip_xnor_result()
    result.values = output.base
    result.scale = input.scale
    result.stride = output.columns
    nonisolated(unsafe) let (shared, target) = (operands, result)
    let kernels = kernels
    team.forEachRange(of: output.rows, multipleOf: 8, cost: output.rows * bits.rows * bits.words) { _, range in
      withUnsafePointer(to: shared) { operands in
        withUnsafePointer(to: target) { result in
          kernels.table.pointee.xnor_product(operands, result, range.lowerBound, range.upperBound)
        }
      }
    }
  }

  /// Computes `dx = dy·W` of floats and signs, in float32.
  /// - Parameters:
  ///   - gradient: dy, shape `[batch, outputs]`.
  ///   - weights: W, shape `[outputs, inputs]`.
  ///   - output: shape `[batch, inputs]`.
  package func multiplyTransposed(_ gradient: Tensor, _ weights: SignMatrix, into output: Tensor) {
    let bits = weights.bits
    check(gradient.columns == bits.rows, output, rows: gradient.rows, columns: bits.columns)
    multiply(
      signflip_sign_operands(
        a: gradient.base, row_stride: gradient.columns, depth_stride: 1, signs: weights.transposed(team),
        signs_too: nil, stride: bits.columns, depth: bits.rows, columns: bits.columns, scale: 1), into: output)
  }

  /// Computes `dW = dyᵀ·x` of floats and signs, in float32.
  /// - Parameters:
  ///   - gradient: dy, shape `[batch, outputs]`.
  /// - input: x, shape `[batch, inputs]`. If some of it is dropped, it is processed as two bit planes, with +1 and with
  ///   -1 in the dropped positions. These then cancel except for rounding.
  ///   - output: shape `[outputs, inputs]`.
  package func multiplyTransposing(_ gradient: Tensor, _ input: SignBatch, into output: Tensor) {
    check(gradient.rows == input.rows, output, rows: gradient.columns, columns: input.columns)
    let count = signflip_words(input.rows) * input.columns
    input.signs.transpose(into: &transposedSigns, team)
    var operands = signflip_sign_operands(
      a: gradient.base, row_stride: 1, depth_stride: gradient.columns, signs: transposedSigns.base, signs_too: nil,
      stride: input.columns, depth: input.rows, columns: input.columns, scale: input.scale)
    if let kept = input.kept {
      kept.transpose(into: &transposedKept, team)
      // Dropped positions are +1 in one plane and -1 in the other.
      let (signs, others) = (transposedSigns.base, transposedKept.base)
      for word in 0..<count {
        let (sign, mask) = (signs[word], others[word])
        signs[word] = sign & mask
        others[word] = sign | ~mask
      }
      operands.signs_too = UnsafePointer(transposedKept.base)
      operands.scale = input.scale / 2
    }
    multiply(operands, into: output)
  }

  func multiply(_ operands: signflip_sign_operands, into output: Tensor) {
    let scratch = signScratch(columns: operands.columns)
    let (kernels, target) = (kernels, UncheckedPointer(output.base))
    let (rows, stride) = (output.rows, output.columns)
    nonisolated(unsafe) let shared = operands
    let cost = output.count * operands.depth / 64
    let blocks = (rows + signflip_sign_rows - 1) / signflip_sign_rows
    if blocks.isMultiple(of: threads) || operands.columns < 64 * threads {
      team.forEachRange(of: rows, multipleOf: signflip_sign_rows, cost: cost) { part, range in
        withUnsafePointer(to: shared) {
          kernels.table.pointee.sign_product(
            $0, target.base, stride, range.lowerBound, range.upperBound, scratch.base + part * scratchStride)
        }
      }
    } else {
      // An uneven division of the rows would leave a thread idle. Instead each thread takes a range of columns, and
      // builds the tables twice.
      team.forEachRange(of: operands.columns, multipleOf: 16, cost: cost) { part, range in
        var mine = shared
        mine.columns = range.count
        mine.signs = shared.signs + range.lowerBound
        mine.signs_too = shared.signs_too.map { $0 + range.lowerBound }
        kernels.table.pointee.sign_product(
          &mine, target.base + range.lowerBound, stride, 0, rows, scratch.base + part * scratchStride)
      }
    }
  }

  private func check(_ fits: Bool, _ output: Tensor, rows: Int, columns: Int) {
    precondition(fits, "the operands' inner dimensions differ")
    precondition(
      (output.rows, output.columns) == (rows, columns),
      "expected a result of \(rows)×\(columns), found \(output.rows)×\(output.columns)")
  }

  // Scratch memory for each thread's tables and sums.
  func signScratch(columns: Int) -> UncheckedPointer<Float> {
    scratchStride = max(scratchStride, (signflip_sign_scratch(columns) + 15) / 16 * 16)
    AlignedBuffer.reserve(&signScratch, threads * scratchStride)
    return UncheckedPointer(signScratch.base)
  }
}
