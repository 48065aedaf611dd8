internal import CBinaryKernels

/// The positions of the maxima of a max pooling.
package final class PoolingChoices {
  private var buffer = AlignedBuffer<UInt8>(capacity: 0)

  /// No positions.
  package init() {}

  /// Size in bytes.
  package private(set) var byteCount = 0

  func reserve(_ count: Int) -> UnsafeMutablePointer<UInt8> {
    AlignedBuffer.reserve(&buffer, count)
    byteCount = count
    return buffer.base
  }

  var base: UnsafeMutablePointer<UInt8> { buffer.base }
}

extension Compute {
  /// Computes the maximum of each channel in each window, for a batch or some images of it.
  /// - Parameters:
  ///   - first: the place of the images in the batch. The parts of a batch come in order, from 0 on.
  ///   - batch: the number of images in the batch; nil if `images` are all.
  ///   - output: receives shape `[batch·windows, channels]`, of the whole batch.
  ///   - choices: receives the positions of the maxima, for `maxPoolGradient`.
  package func maxPool(
    _ images: Tensor, from first: Int = 0, of batch: Int? = nil, _ windows: ImageWindows, choices: PoolingChoices,
    into output: Tensor
  ) {
    precondition(windows.kernel.height * windows.kernel.width <= 256, "expected at most 256 places in a window")
    let count = images.rows / windows.input.pixels * windows.count
    check(images, windows, through: 0..<count)
    if first == 0 {
      output.reshape(rows: (batch ?? images.rows / windows.input.pixels) * windows.count, columns: images.columns)
      _ = choices.reserve(output.count)
    }
    precondition((first * windows.count + count) <= output.rows, "expected images of the batch")
    let offset = first * windows.count * images.columns
    let chosen = UncheckedPointer(choices.base + offset)
    let shape = windows.kernelArgument
    let (source, target) = (UncheckedPointer(images.base), UncheckedPointer(output.base + offset))
    team.forEachRange(of: count, multipleOf: 1, cost: images.count) { _, range in
      withUnsafePointer(to: shape) {
        signflip_max_pool($0, source.base, target.base, chosen.base, range.lowerBound, range.upperBound)
      }
    }
  }

  /// Computes the gradient of a max pooling: the gradient of each window goes to the position of its maximum.
  /// - Parameters:
  ///   - gradient: that of the whole batch.
  ///   - first: the place of the images in the batch.
  ///   - images: receives the gradient of the images, shape `[images·height·width, channels]`.
  package func maxPoolGradient(
    _ gradient: Tensor, from first: Int = 0, _ windows: ImageWindows, choices: PoolingChoices, into images: Tensor
  ) {
    let offset = first * windows.count * images.columns
    precondition(
      gradient.count == choices.byteCount
        && offset + images.rows / windows.input.pixels * windows.count * images.columns <= gradient.count,
      "expected a gradient of the pooling's shape")
    let (source, chosen) = (UncheckedPointer(gradient.base + offset), UncheckedPointer(choices.base + offset))
    forEachImage(images, windows) { shape, target, range in
      signflip_max_pool_gradient(shape, source.base, chosen.base, target, range.lowerBound, range.upperBound)
    }
  }

  /// Computes the mean of each channel over the part of each window inside the image.
  /// - Parameter output: receives shape `[batch·windows, channels]`.
  package func averagePool(_ images: Tensor, _ windows: ImageWindows, into output: Tensor) {
    let count = beginPooling(images, windows, output)
    let shape = windows.kernelArgument
    let (source, target) = (UncheckedPointer(images.base), UncheckedPointer(output.base))
    team.forEachRange(of: count, multipleOf: 1, cost: images.count) { _, range in
      withUnsafePointer(to: shape) {
        signflip_average_pool($0, source.base, target.base, range.lowerBound, range.upperBound)
      }
    }
  }

  /// Computes the gradient of an average pooling.
  /// - Parameter images: receives the gradient of the images, shape `[batch·height·width, channels]`.
  package func averagePoolGradient(_ gradient: Tensor, _ windows: ImageWindows, into images: Tensor) {
    let source = UncheckedPointer(gradient.base)
    forEachImage(images, windows) { shape, target, range in
      signflip_average_pool_gradient(shape, source.base, target, range.lowerBound, range.upperBound)
    }
  }

  private func beginPooling(_ images: Tensor, _ windows: ImageWindows, _ output: Tensor) -> Int {
    let count = images.rows / windows.input.pixels * windows.count
    check(images, windows, through: 0..<count)
    output.reshape(rows: count, columns: images.columns)
    return count
  }

  private func forEachImage(
    _ images: Tensor, _ windows: ImageWindows,
    _ body: (UnsafePointer<signflip_convolution>, UnsafeMutablePointer<Float>, Range<Int>) -> Void
  ) {
    let shape = windows.kernelArgument
    let target = UncheckedPointer(images.base)
    withoutActuallyEscaping(body) { escaping in
      nonisolated(unsafe) let work = escaping
      team.forEachRange(of: images.rows / windows.input.pixels, multipleOf: 1, cost: images.count) { _, range in
        withUnsafePointer(to: shape) { work($0, target.base, range) }
      }
    }
  }
}
