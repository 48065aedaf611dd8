extension Compute {
  /// Replaces each element by `max(0, x)`. NaN stays NaN, so that training detects it.
  package func relu(_ tensor: Tensor) {
    let values = UncheckedPointer(tensor.base)
    team.forEachPart(of: tensor.count) { _, range in
      let x = values.base
      for i in range { x[i] = x[i] < 0 ? 0 : x[i] }
    }
  }

  /// Clips each element to [-1, 1]. NaN stays NaN.
  package func clip(_ input: Tensor, into output: Tensor) {
    precondition(input.columns == output.columns, "expected \(output.columns) columns, found \(input.columns)")
    output.resize(rows: input.rows)
    let (source, target) = (UncheckedPointer(input.base), UncheckedPointer(output.base))
    team.forEachPart(of: input.count) { _, range in
      let (x, y) = (source.base, target.base)
      for i in range { y[i] = x[i] > 1 ? 1 : x[i] < -1 ? -1 : x[i] }
    }
  }

  /// Computes the gradient of `clip` in place: unchanged where -1 < y < 1, else 0.
  package func clipGradient(_ gradient: Tensor, output: Tensor) {
    precondition(gradient.count == output.count, "expected \(output.count) elements, found \(gradient.count)")
    let (source, target) = (UncheckedPointer(output.base), UncheckedPointer(gradient.base))
    team.forEachPart(of: output.count) { _, range in
      let (y, dy) = (source.base, target.base)
      for i in range { dy[i] = y[i] > -1 && y[i] < 1 ? dy[i] : 0 }
    }
  }

  /// Adds `bias`, shape `[1, columns]`, to each row.
  package func addBias(_ bias: Tensor, to tensor: Tensor) {
    precondition(bias.count == tensor.columns, "expected \(tensor.columns) biases, found \(bias.count)")
    let target = UncheckedPointer(tensor.base)
    let source = UncheckedPointer(bias.base)
    let columns = tensor.columns
    team.forEachRange(of: tensor.rows, multipleOf: 1, cost: tensor.count) { _, range in
      for row in range {
        let line = target.base + row * columns
        for column in 0..<columns { line[column] += source.base[column] }
      }
    }
  }

  /// Computes the sum of each column into `sums`, shape `[1, columns]`.
  package func sumColumns(_ tensor: Tensor, into sums: Tensor) {
    precondition(sums.count == tensor.columns, "expected \(tensor.columns) sums, found \(sums.count)")
    let source = UncheckedPointer(tensor.base)
    let target = UncheckedPointer(sums.base)
    let (rows, columns) = (tensor.rows, tensor.columns)
    team.forEachRange(of: columns, multipleOf: 64, cost: tensor.count) { _, range in
      for column in range { target.base[column] = 0 }
      for row in 0..<rows {
        let line = source.base + row * columns
        for column in range { target.base[column] += line[column] }
      }
    }
  }
}
