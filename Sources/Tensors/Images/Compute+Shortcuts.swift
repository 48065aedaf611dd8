internal import CBinaryKernels

/// The parameter-free shortcut between images of different shapes: takes every `stride`-th row and column, and appends
/// zero channels.
/// - SeeAlso: He et al. 2016, arXiv:1512.03385, section 3.3, option A.
package struct ImageSubsampling: Hashable, Sendable {
  /// The shape of the input.
  package let input: ImageShape
  /// The shape of the output.
  package let output: ImageShape
  /// The subsampling step.
  package let stride: Int

  /// The subsampling from `input` to `output`; nil if no stride gives it, or channels would be lost.
  package init?(from input: ImageShape, to output: ImageShape) {
    guard output.pixels > 0, output.channels >= input.channels else { return nil }
    let stride = (input.height + output.height - 1) / output.height
    guard (input.height + stride - 1) / stride == output.height, (input.width + stride - 1) / stride == output.width
    else { return nil }
    (self.input, self.output, self.stride) = (input, output, stride)
  }

  var kernelArgument: signflip_subsampling {
    signflip_subsampling(
      height: input.height, width: input.width, channels: input.channels, stride: stride, output_height: output.height,
      output_width: output.width, output_channels: output.channels)
  }
}

extension Compute {
  /// Adds `source` to `target`, of the same shape.
  package func add(_ source: Tensor, to target: Tensor) {
    precondition(
      (source.rows, source.columns) == (target.rows, target.columns),
      "expected \(target.rows)×\(target.columns) to add, found \(source.rows)×\(source.columns)")
    let (from, to) = (UncheckedPointer(source.base), UncheckedPointer(target.base))
    team.forEachPart(of: target.count) { _, range in
      signflip_add(from.base, to.base, range.lowerBound, range.upperBound)
    }
  }

  /// Adds every `stride`-th pixel of images to `sums`, whose additional channels stay unchanged.
  /// - Parameters:
  ///   - images: shape `[batch·height·width, channels]`.
  ///   - sums: shape `[batch·output height·output width, output channels]`.
  package func add(_ images: Tensor, _ subsampling: ImageSubsampling, to sums: Tensor) {
    forEachPixel(subsampling, images: images, sums: sums) { shape, images, sums, range in
      signflip_add_subsampled(shape, images, sums, range.lowerBound, range.upperBound)
    }
  }

  /// Adds the gradient of such sums to that of the images.
  package func addGradient(_ gradient: Tensor, _ subsampling: ImageSubsampling, to images: Tensor) {
    forEachPixel(subsampling, images: images, sums: gradient) { shape, images, gradient, range in
      signflip_add_to_subsampled(shape, gradient, images, range.lowerBound, range.upperBound)
    }
  }

  private func forEachPixel(
    _ subsampling: ImageSubsampling, images: Tensor, sums: Tensor,
    _ body: (
      UnsafePointer<signflip_subsampling>, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, Range<Int>
    ) -> Void
  ) {
    let (input, output) = (subsampling.input, subsampling.output)
    precondition(
      images.columns == input.channels && sums.columns == output.channels
        && images.rows * output.pixels == sums.rows * input.pixels,
      "expected images of \(input) and sums of \(output)")
    let shape = subsampling.kernelArgument
    let (first, second) = (UncheckedPointer(images.base), UncheckedPointer(sums.base))
    withoutActuallyEscaping(body) { escaping in
      nonisolated(unsafe) let work = escaping
      team.forEachRange(of: sums.rows, multipleOf: 1, cost: sums.rows * input.channels) { _, range in
        withUnsafePointer(to: shape) { work($0, first.base, second.base, range) }
      }
    }
  }
}
