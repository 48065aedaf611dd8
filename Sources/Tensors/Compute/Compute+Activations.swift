extension Compute {
  /// Computes `output = max(0, input)`.
  package func relu(_ input: Tensor, into output: Tensor) {
    map(input, into: output) { $0 > 0 ? $0 : 0 }
  }

  /// Computes `inputGradient = outputGradient · 1[input > 0]`.
  package func reluGradient(_ outputGradient: Tensor, input: Tensor, into inputGradient: Tensor) {
    map(outputGradient, input, into: inputGradient) { gradient, x in x > 0 ? gradient : 0 }
  }

  /// Computes `output = -1 where input < 0, else +1`.
  package func sign(_ input: Tensor, into output: Tensor) {
    map(input, into: output) { $0 < 0 ? -1 : 1 }
  }

  /// Computes `inputGradient = outputGradient · 1[|input| <= window]`, the straight-through estimator.
  /// - SeeAlso: Courbariaux et al. 2016, arXiv:1602.02830, eq. 4.
  package func signGradient(_ outputGradient: Tensor, input: Tensor, window: Float, into inputGradient: Tensor) {
    map(outputGradient, input, into: inputGradient) { gradient, x in abs(x) <= window ? gradient : 0 }
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

  @inline(__always)
  private func map(_ input: Tensor, into output: Tensor, _ transform: (Float) -> Float) {
    precondition(input.columns == output.columns, "expected \(output.columns) columns, found \(input.columns)")
    output.resize(rows: input.rows)
    let source = UncheckedPointer(input.base)
    let target = UncheckedPointer(output.base)
    team.forEachPart(of: input.count) { _, range in
      for index in range { target.base[index] = transform(source.base[index]) }
    }
  }

  @inline(__always)
  private func map(_ first: Tensor, _ second: Tensor, into output: Tensor, _ transform: (Float, Float) -> Float) {
    precondition(
      first.columns == second.columns && first.rows == second.rows && first.columns == output.columns,
      "expected two tensors of one shape")
    output.resize(rows: first.rows)
    let left = UncheckedPointer(first.base)
    let right = UncheckedPointer(second.base)
    let target = UncheckedPointer(output.base)
    team.forEachPart(of: first.count) { _, range in
      for index in range { target.base[index] = transform(left.base[index], right.base[index]) }
    }
  }
}
