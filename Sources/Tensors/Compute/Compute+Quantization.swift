private import CBinaryKernels

extension Compute {
  /// Clips each element to [0, 1] and rounds it to one of 2ᵏ levels: `y = round(n·clip(x, 0, 1))/n`, n = 2ᵏ - 1. NaN
  /// stays NaN.
  package func quantize(_ input: Tensor, bits: Int, into output: Tensor) {
    precondition((1...8).contains(bits), "expected 1 to 8 bits, found \(bits)")
    precondition(input.columns == output.columns, "expected \(output.columns) columns, found \(input.columns)")
    output.resize(rows: input.rows)
    let (x, y, steps) = (UncheckedPointer(input.base), UncheckedPointer(output.base), Float(1 << bits - 1))
    team.forEachPart(of: input.count) { _, range in
      signflip_quantize_unit(x.base, steps, y.base, range.lowerBound, range.upperBound)
    }
  }

  /// Computes the gradient of `quantize` in place: unchanged where 0 <= x <= 1, else 0.
  package func quantizationGradient(_ gradient: Tensor, input: Tensor) {
    precondition(gradient.count == input.count, "expected \(input.count) elements, found \(gradient.count)")
    let (x, dx) = (UncheckedPointer(input.base), UncheckedPointer(gradient.base))
    team.forEachPart(of: input.count) { _, range in
      signflip_unit_gradient(x.base, dx.base, range.lowerBound, range.upperBound)
    }
  }
}
