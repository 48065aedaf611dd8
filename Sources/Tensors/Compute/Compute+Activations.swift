extension Compute {
  /// Computes `output = max(0, input)`; NaN stays NaN, so that training sees it.
  package func relu(_ input: Tensor, into output: Tensor) {
    forEachPart(input, into: output) { x, y, range in
      for i in range { y[i] = x[i] < 0 ? 0 : x[i] }
    }
  }

  /// Computes `inputGradient = outputGradient · 1[input > 0]`.
  package func reluGradient(_ outputGradient: Tensor, input: Tensor, into inputGradient: Tensor) {
    forEachPart(outputGradient, input, into: inputGradient) { dy, x, dx, range in
      for i in range {
        let gradient = dy[i]
        dx[i] = x[i] > 0 ? gradient : 0
      }
    }
  }

  /// Computes `output = -1 where input < 0, else +1`.
  package func sign(_ input: Tensor, into output: Tensor) {
    forEachPart(input, into: output) { x, y, range in
      for i in range { y[i] = x[i] < 0 ? -1 : 1 }
    }
  }

  /// Computes `inputGradient = outputGradient · 1[|input| <= window]`, the straight-through estimator.
  /// - SeeAlso: Courbariaux et al. 2016, arXiv:1602.02830, eq. 4.
  package func signGradient(_ outputGradient: Tensor, input: Tensor, window: Float, into inputGradient: Tensor) {
    forEachPart(outputGradient, input, into: inputGradient) { dy, x, dx, range in
      for i in range {
        let gradient = dy[i]
        dx[i] = abs(x[i]) <= window ? gradient : 0
      }
    }
  }

  /// Adds `bias`, shape `[1, columns]`, to every row.
  package func addBias(_ bias: Tensor, to tensor: Tensor) {
    precondition(bias.count == tensor.columns, "expected \(tensor.columns) biases, found \(bias.count)")
    let target = UncheckedPointer(tensor.base)
    let source = UncheckedPointer(bias.base)
    let (rows, columns) = (tensor.rows, tensor.columns)
    for row in 0..<rows {
      let line = target.base + row * columns
      for column in 0..<columns { line[column] += source.base[column] }
    }
  }

  /// Computes the sum of every column into `sums`, shape `[1, columns]`.
  package func sumColumns(_ tensor: Tensor, into sums: Tensor) {
    precondition(sums.count == tensor.columns, "expected \(tensor.columns) sums, found \(sums.count)")
    let source = UncheckedPointer(tensor.base)
    let target = UncheckedPointer(sums.base)
    let (rows, columns) = (tensor.rows, tensor.columns)
    for column in 0..<columns { target.base[column] = 0 }
    for row in 0..<rows {
      let line = source.base + row * columns
      for column in 0..<columns { target.base[column] += line[column] }
    }
  }

  // The loop stands in `body`, which is called once a part: a closure called for every element would not be inlined.
  // A gradient is read before the comparison decides: a read that may not happen keeps the loop scalar.
  private func forEachPart(
    _ input: Tensor, into output: Tensor,
    _ body: (_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ range: Range<Int>) -> Void
  ) {
    precondition(input.columns == output.columns, "expected \(output.columns) columns, found \(input.columns)")
    output.resize(rows: input.rows)
    let (x, y) = (UncheckedPointer(input.base), UncheckedPointer(output.base))
    team.forEachPart(of: input.count) { _, range in body(x.base, y.base, range) }
  }

  private func forEachPart(
    _ outputGradient: Tensor, _ input: Tensor, into inputGradient: Tensor,
    _ body: (
      _ dy: UnsafePointer<Float>, _ x: UnsafePointer<Float>, _ dx: UnsafeMutablePointer<Float>, _ range: Range<Int>
    ) -> Void
  ) {
    precondition(
      outputGradient.columns == input.columns && outputGradient.rows == input.rows
        && input.columns == inputGradient.columns,
      "expected tensors of one shape")
    inputGradient.resize(rows: input.rows)
    let (dy, x) = (UncheckedPointer(outputGradient.base), UncheckedPointer(input.base))
    let dx = UncheckedPointer(inputGradient.base)
    team.forEachPart(of: input.count) { _, range in body(dy.base, x.base, dx.base, range) }
  }
}
