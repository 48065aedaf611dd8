private import CBinaryKernels

// K of XNOR-Net approximates the magnitude of a float input that was binarized: `sign(x)·K ≈ x`.

extension Compute {
  /// Stores the mean of |x| of each row of `input` with the batch of its signs.
  /// - SeeAlso: Rastegari et al. 2016, arXiv:1603.05279, section 3.2 and figure 2: A.
  package func measureSizes(of input: Tensor, into batch: SignBatch) {
    precondition(batch.rows == input.rows, "expected \(batch.rows) rows, found \(input.rows)")
    let (x, sizes) = (UncheckedPointer(input.base), UncheckedPointer(batch.beginSizes().base))
    let columns = input.columns
    team.forEachRange(of: input.rows, multipleOf: 1, cost: input.count) { _, range in
      signflip_mean_magnitudes(x.base, columns, sizes.base, range.lowerBound, range.upperBound)
    }
  }

  /// Computes K of each window: the mean of its pixels' magnitudes, over the part inside the image; shape `[windows,
  /// 1]`.
  package func inputScale(_ sizes: Tensor, _ windows: ImageWindows, into output: Tensor) {
    averagePool(sizes, windows.over(channels: 1), into: output)
  }

  /// Multiplies each row by its scale, shape `[rows, 1]`.
  package func scaleRows(_ tensor: Tensor, by scales: Tensor) {
    precondition(scales.count == tensor.rows, "expected \(tensor.rows) scales, found \(scales.count)")
    let (target, factors) = (UncheckedPointer(tensor.base), UncheckedPointer(scales.base))
    let columns = tensor.columns
    team.forEachRange(of: tensor.rows, multipleOf: 1, cost: tensor.count) { _, range in
      for row in range {
        let (line, factor) = (target.base + row * columns, factors.base[row])
        for column in 0..<columns { line[column] *= factor }
      }
    }
  }
}
