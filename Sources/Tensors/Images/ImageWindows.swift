internal import CBinaryKernels

/// The shape of an image: `height·width` pixels of `channels` values, stored as NHWC.
///
/// A batch of images is a tensor of shape `[batch·height·width, channels]` or, in the same memory, `[batch,
/// height·width·channels]`.
package struct ImageShape: Hashable, Codable, Sendable, CustomStringConvertible {
  /// Number of rows.
  package var height: Int
  /// Number of columns.
  package var width: Int
  /// Number of values per pixel.
  package var channels: Int

  /// A shape.
  package init(height: Int, width: Int, channels: Int) {
    self.height = height
    self.width = width
    self.channels = channels
  }

  /// A vector: one pixel with all values.
  package init(features: Int) { self.init(height: 1, width: 1, channels: features) }

  /// Number of pixels.
  package var pixels: Int { height * width }
  /// Number of values.
  package var features: Int { pixels * channels }

  /// “32×32×3”; for a vector “10”.
  // Without a product: a file may have a shape whose number of pixels overflows.
  package var description: String {
    height == 1 && width == 1 ? "\(channels)" : "\(height)×\(width)×\(channels)"
  }
}

/// How windows treat the border of an image.
package enum Padding: String, Codable, Sendable, CaseIterable {
  /// No padding: `output = (input - kernel)/stride + 1`, rounded down.
  case valid
  /// Padding with 0: `output = input/stride`, rounded up. In a convolution of signs these positions contribute nothing,
  /// so that values are ternary: -1, 0, 1.
  case same
  /// As `same`, but padding with +1, so that a convolution of signs remains binary (“same-one”).
  case sameOne
}

/// The windows of a convolution or a pooling over images.
package struct ImageWindows: Hashable, Sendable {
  /// The shape of the images.
  package private(set) var input: ImageShape
  /// Height and width of a window.
  package let kernel: (height: Int, width: Int)
  /// Vertical and horizontal stride.
  package let stride: (height: Int, width: Int)
  /// The padding.
  package let padding: Padding
  /// Height and width of the output.
  package let output: (height: Int, width: Int)

  /// Windows over images; nil if no window fits.
  ///
  /// If the padding is odd, the additional row or column is at the end, as in TensorFlow.
  package init?(
    _ input: ImageShape, kernel: (height: Int, width: Int), stride: (height: Int, width: Int), padding: Padding
  ) {
    precondition(kernel.height > 0 && kernel.width > 0 && stride.height > 0 && stride.width > 0, "expected a window")
    func count(_ size: Int, _ kernel: Int, _ stride: Int) -> Int {
      padding == .valid ? (size - kernel) / stride + 1 : (size + stride - 1) / stride
    }
    guard padding != .valid || (kernel.height <= input.height && kernel.width <= input.width) else { return nil }
    self.input = input
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    output = (
      count(input.height, kernel.height, stride.height), count(input.width, kernel.width, stride.width)
    )
  }

  /// Number of values in a window: `kernel.height·kernel.width·channels`.
  package var features: Int { kernel.height * kernel.width * input.channels }
  /// Number of windows per image.
  package var count: Int { output.height * output.width }

  /// The shape of an output with this number of channels.
  package func outputShape(channels: Int) -> ImageShape {
    ImageShape(height: output.height, width: output.width, channels: channels)
  }

  /// The same windows over images with this number of channels.
  package func over(channels: Int) -> ImageWindows {
    var windows = self
    windows.input = ImageShape(height: input.height, width: input.width, channels: channels)
    return windows
  }

  /// Padding above and to the left of the image.
  package var before: (height: Int, width: Int) {
    func before(_ size: Int, _ kernel: Int, _ stride: Int, _ count: Int) -> Int {
      padding == .valid ? 0 : max(0, (count - 1) * stride + kernel - size) / 2
    }
    return (
      before(input.height, kernel.height, stride.height, output.height),
      before(input.width, kernel.width, stride.width, output.width)
    )
  }

  var kernelArgument: signflip_convolution {
    // If no window extends beyond the image, no position must be left out of a product of signs.
    let fits =
      padding == .valid
      || ((output.height - 1) * stride.height + kernel.height <= input.height
        && (output.width - 1) * stride.width + kernel.width <= input.width)
    return signflip_convolution(
      height: input.height, width: input.width, channels: input.channels, kernel_height: kernel.height,
      kernel_width: kernel.width, stride_height: stride.height, stride_width: stride.width,
      pad_top: before.height, pad_left: before.width, output_height: output.height, output_width: output.width,
      padding: fits || padding == .sameOne ? signflip_pad_one : signflip_pad_zero)
  }

  package static func == (a: ImageWindows, b: ImageWindows) -> Bool {
    a.input == b.input && a.kernel == b.kernel && a.stride == b.stride && a.padding == b.padding
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(input)
    hasher.combine(kernel.height)
    hasher.combine(kernel.width)
    hasher.combine(stride.height)
    hasher.combine(stride.width)
    hasher.combine(padding)
  }
}
