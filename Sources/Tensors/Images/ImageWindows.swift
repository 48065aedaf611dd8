internal import CBinaryKernels

/// The size of an image: `height·width` pixels of `channels` values, stored as NHWC.
///
/// A batch of images is a tensor of shape `[batch·height·width, channels]`, or flattened `[batch, height·width·channels]`: the
/// same memory.
package struct ImageShape: Hashable, Codable, Sendable, CustomStringConvertible {
  /// Rows of pixels.
  package var height: Int
  /// Pixels of a row.
  package var width: Int
  /// Values of a pixel.
  package var channels: Int

  /// A size.
  package init(height: Int, width: Int, channels: Int) {
    self.height = height
    self.width = width
    self.channels = channels
  }

  /// A vector: one pixel with all values.
  package init(features: Int) { self.init(height: 1, width: 1, channels: features) }

  /// How many pixels.
  package var pixels: Int { height * width }
  /// How many values.
  package var features: Int { pixels * channels }

  /// “32×32×3”, of a vector “10”.
  package var description: String { pixels == 1 ? "\(channels)" : "\(height)×\(width)×\(channels)" }
}

/// How the border of an image counts where a window reaches beyond it.
package enum Padding: String, Codable, Sendable, CaseIterable {
  /// No window reaches beyond the image: `output = (input - kernel)/stride + 1`, rounded down.
  case valid
  /// 0 stands outside: `output = input/stride`, rounded up. In a convolution of signs these places take no part, so that
  /// their values are three: -1, 0, 1.
  case same
  /// As `same`, with +1 outside: a convolution of signs stays one of signs (“same-one”).
  case sameOne
}

/// The windows that a convolution or a pooling moves over images.
package struct ImageWindows: Hashable, Sendable {
  /// The images.
  package private(set) var input: ImageShape
  /// Rows and columns of a window.
  package let kernel: (height: Int, width: Int)
  /// Steps from window to window.
  package let stride: (height: Int, width: Int)
  /// What stands outside of the images.
  package let padding: Padding
  /// Rows and columns of windows.
  package let output: (height: Int, width: Int)

  /// Windows over images; nil where no window fits.
  ///
  /// Where the padding is odd, the row or column more is added at the end, as TensorFlow does.
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

  /// Values of a window: `kernel.height·kernel.width·channels`.
  package var features: Int { kernel.height * kernel.width * input.channels }
  /// Windows of an image.
  package var count: Int { output.height * output.width }

  /// The windows' images with so many channels.
  package func outputShape(channels: Int) -> ImageShape {
    ImageShape(height: output.height, width: output.width, channels: channels)
  }

  /// The same windows over images of so many channels.
  package func over(channels: Int) -> ImageWindows {
    var windows = self
    windows.input = ImageShape(height: input.height, width: input.width, channels: channels)
    return windows
  }

  /// Rows above and columns left of the image where the first window begins.
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
    // Where no window reaches beyond the image, there is nothing to leave out of a product of signs.
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
