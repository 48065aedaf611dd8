private import CBinaryKernels

extension Compute {
  /// Rounds `input` to bfloat16, to nearest, ties to even.
  package func round(_ input: Tensor, into output: HalfTensor) {
    precondition(input.columns == output.columns, "expected \(output.columns) columns, found \(input.columns)")
    output.resize(rows: input.rows)
    let source = UncheckedPointer(input.base)
    let target = UncheckedPointer(output.base)
    team.forEachPart(of: input.count) { _, range in
      signflip_round_to_bfloat16(source.base + range.lowerBound, target.base + range.lowerBound, range.count)
    }
  }
}
