internal import CBinaryKernels

extension RandomStream {
  var kernelArgument: signflip_random_stream { signflip_random_stream(seed: seed, stream: stream, step: step) }
}

extension Compute {
  /// Draws each element of `tensor` uniformly from `[lower, upper)`, with 24 random bits.
  package func fillUniform(_ tensor: Tensor, from lower: Float, to upper: Float, random: RandomStream) {
    let count = tensor.count
    let words = AlignedBuffer<UInt32>(capacity: count)
    let (source, target) = (UncheckedPointer(words.base), UncheckedPointer(tensor.base))
    team.forEachPart(of: count) { _, range in
      signflip_random_words(source.base, random.kernelArgument, range.lowerBound, range.upperBound)
      for index in range {
        target.base[index] = lower + (upper - lower) * (Float(source.base[index] >> 8) * 0x1p-24)
      }
    }
  }

  /// Sets each element of `input` to zero with probability `rate`, and divides the others by `1 - rate`.
  /// - Parameter mask: receives which elements were kept, for `dropoutGradient`.
  /// - SeeAlso: Srivastava et al. 2014, JMLR 15(56).
  package func dropout(_ input: Tensor, rate: Float, random: RandomStream, mask: DropoutMask, into output: Tensor) {
    precondition(rate >= 0 && rate < 1, "expected a dropout rate in 0..<1, found \(rate)")
    precondition(input.columns == output.columns, "expected \(output.columns) columns, found \(input.columns)")
    output.resize(rows: input.rows)
    mask.reserve(input.count, rate: rate)
    let (x, y, kept) = (UncheckedPointer(input.base), UncheckedPointer(output.base), UncheckedPointer(mask.base))
    team.forEachPart(of: input.count) { _, range in
      signflip_dropout(
        x.base, y.base, kept.base, rate, random.kernelArgument, range.lowerBound, range.upperBound)
    }
  }

  /// Computes the gradient of `dropout` in place: divided by `1 - rate` where the element was kept, else 0.
  package func dropoutGradient(_ gradient: Tensor, mask: DropoutMask) {
    precondition(gradient.count == mask.byteCount, "expected \(mask.byteCount) elements, found \(gradient.count)")
    let (values, kept) = (UncheckedPointer(gradient.base), UncheckedPointer(mask.base))
    let rate = mask.rate
    team.forEachPart(of: gradient.count) { _, range in
      signflip_dropout_gradient(kept.base, values.base, rate, range.lowerBound, range.upperBound)
    }
  }
}

/// The elements that a dropout kept.
package final class DropoutMask {
  private var buffer = AlignedBuffer<UInt8>(capacity: 0)
  private(set) var rate: Float = 0

  /// An empty mask.
  package init() {}

  func reserve(_ count: Int, rate: Float) {
    AlignedBuffer.reserve(&buffer, count)
    byteCount = count
    self.rate = rate
  }

  /// Size in bytes.
  package private(set) var byteCount = 0

  var base: UnsafeMutablePointer<UInt8> { buffer.base }
}
