internal import CBinaryKernels

/// Every `stride`-th row and column of images, from the first on, and channels of zeros beyond theirs: the shortcut without
/// weights where the shape of images changes.
/// - SeeAlso: He et al. 2016, arXiv:1512.03385, section 3.3, option A.
package struct ImageSubsampling: Hashable, Sendable {
  /// The images.
  package let input: ImageShape
  /// What becomes of them.
  package let output: ImageShape
  /// Steps from pixel to pixel.
  package let stride: Int

  /// The subsampling from `input` to `output`; nil where no step gives it, or channels would be lost.
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
