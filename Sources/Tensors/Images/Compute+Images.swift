internal import CBinaryKernels

// Windows of images as rows of matrices, so that a convolution is a product, whatever its operands are.

extension Compute {
  /// Writes windows of images as rows.
  /// - Parameters:
  ///   - images: shape `[batch·height·width, channels]`.
  ///   - range: the windows, counted image by image.
  ///   - rows: gets shape `[range.count, windows.features]`.
  package func unfold(_ images: Tensor, _ windows: ImageWindows, range: Range<Int>, into rows: Tensor) {
    check(images, windows, through: range)
    rows.reshape(rows: range.count, columns: windows.features)
    let shape = windows.kernelArgument
    let (source, target) = (UncheckedPointer(images.base), UncheckedPointer(rows.base))
    let features = windows.features
    team.forEachRange(of: range.count, multipleOf: 1, cost: rows.count) { _, part in
      withUnsafePointer(to: shape) {
        signflip_unfold(
          $0, source.base, target.base + part.lowerBound * features, range.lowerBound + part.lowerBound,
          range.lowerBound + part.upperBound)
      }
    }
  }

  /// Adds windows up into the images they were taken from: the gradient of `unfold`.
  /// - Parameters:
  ///   - rows: the windows of the images `range`.
  ///   - images: shape `[batch·height·width, channels]`; those in `range` are overwritten.
  package func fold(_ rows: Tensor, _ windows: ImageWindows, range: Range<Int>, into images: Tensor) {
    precondition(
      (rows.rows, rows.columns) == (range.count * windows.count, windows.features), "expected all windows of the images"
    )
    check(images, windows, through: range.lowerBound * windows.count..<range.upperBound * windows.count)
    let shape = windows.kernelArgument
    let (source, target) = (UncheckedPointer(rows.base), UncheckedPointer(images.base))
    let size = windows.count * windows.features
    team.forEachRange(of: range.count, multipleOf: 1, cost: rows.count) { _, part in
      withUnsafePointer(to: shape) {
        signflip_fold(
          $0, source.base + part.lowerBound * size, target.base, range.lowerBound + part.lowerBound,
          range.lowerBound + part.upperBound)
      }
    }
  }

  /// Writes windows of images of signs as rows of bits.
  /// - Parameters:
  ///   - images: shape `[batch·height·width, channels]`.
  ///   - rows: gets the windows of all images, a row each. Outside is +1; what takes no part there is marked as dropped.
  package func unfold(_ images: SignBatch, _ windows: ImageWindows, into rows: SignBatch) {
    let count = images.rows / windows.input.pixels * windows.count
    precondition(rows.columns == windows.features, "expected \(windows.features) columns, found \(rows.columns)")
    let needsKept = images.kept != nil || windows.padding == .same
    let target = rows.beginUnfolded(rows: count, hasKept: needsKept, scale: images.scale)
    let shape = windows.kernelArgument
    unfold(images.signs, shape, outside: 0, into: rows.signs)
    if let target { unfold(images.kept, shape, outside: windows.padding == .sameOne ? 1 : 0, into: target) }
  }

  private func unfold(_ bits: BitMatrix?, _ shape: signflip_convolution, outside: Int32, into rows: BitMatrix) {
    let source = bits.map { UncheckedPointer($0.base) }
    let target = UncheckedPointer(rows.base)
    let words = rows.words
    team.forEachRange(of: rows.rows, multipleOf: 1, cost: rows.rows * words * 16) { _, part in
      withUnsafePointer(to: shape) {
        signflip_unfold_bits(
          $0, source?.base, outside, target.base + part.lowerBound * words, part.lowerBound, part.upperBound)
      }
    }
  }

  /// Computes a convolution of images of signs with filters of signs, by xor and popcount.
  /// - Parameters:
  ///   - images: shape `[batch·height·width, channels]`.
  ///   - filters: shape `[filters, windows.features]`, in the order height, width, channel.
  ///   - output: shape `[batch·windows, filters]`; the sums are exact, and are multiplied by the scale of `images`.
  package func convolve(_ images: SignBatch, _ windows: ImageWindows, _ filters: SignMatrix, into output: Tensor) {
    let bits = filters.bits
    let count = images.rows / windows.input.pixels * windows.count
    precondition(
      bits.columns == windows.features && images.columns == windows.input.channels
        && (output.rows, output.columns) == (count, bits.rows), "the convolution's shapes do not fit")
    let panels = UnsafeMutablePointer(mutating: filters.panels(team))
    let shape = windows.kernelArgument
    let scratchWords = withUnsafePointer(to: shape) { signflip_convolution_scratch($0) }
    AlignedBuffer.reserve(&windowBits, threads * scratchWords)
    let (source, weights, scratch) = (
      UncheckedPointer(images.signs.base), UncheckedPointer(panels), UncheckedPointer(windowBits.base)
    )
    let kept = images.kept.map { UncheckedPointer($0.base) }
    var result = signflip_xnor_result()
    result.values = output.base
    result.scale = images.scale
    result.stride = output.columns
    nonisolated(unsafe) let target = result
    let (kernels, columns) = (kernels, bits.rows)
    team.forEachRange(of: count, multipleOf: 8, cost: output.count * bits.words) { part, range in
      withUnsafePointer(to: shape) { shape in
        withUnsafePointer(to: target) { result in
          signflip_xnor_convolution(
            kernels.table, shape, source.base, kept?.base, weights.base, columns, result, range.lowerBound,
            range.upperBound, scratch.base + part * scratchWords)
        }
      }
    }
  }

  // MARK: Flattening

  /// Joins the pixels of each image of signs into one row without gaps: `[batch·height·width, channels]` becomes
  /// `[batch, height·width·channels]`.
  package func flatten(_ images: SignBatch, _ shape: ImageShape, into rows: SignBatch) {
    guard let windows = ImageWindows(shape, kernel: (shape.height, shape.width), stride: (1, 1), padding: .valid) else {
      preconditionFailure("an image's own size always fits")
    }
    unfold(images, windows, into: rows)
  }

  // MARK: Pooling

  /// The greatest value of every channel in each window.
  /// - Parameters:
  ///   - output: gets shape `[batch·windows, channels]`.
  ///   - choices: remembers where it stood, for `maxPoolGradient`.
  package func maxPool(_ images: Tensor, _ windows: ImageWindows, choices: PoolingChoices, into output: Tensor) {
    let count = beginPooling(images, windows, output)
    let chosen = UncheckedPointer(choices.reserve(output.count))
    let shape = windows.kernelArgument
    let (source, target) = (UncheckedPointer(images.base), UncheckedPointer(output.base))
    team.forEachRange(of: count, multipleOf: 1, cost: images.count) { _, range in
      withUnsafePointer(to: shape) {
        signflip_max_pool($0, source.base, target.base, chosen.base, range.lowerBound, range.upperBound)
      }
    }
  }

  /// The gradient of a max pooling: each window's goes to the place that was the greatest.
  /// - Parameter images: gets the images' gradient, shape `[batch·height·width, channels]`.
  package func maxPoolGradient(
    _ gradient: Tensor, _ windows: ImageWindows, choices: PoolingChoices, into images: Tensor
  ) {
    precondition(gradient.count == choices.byteCount, "expected a gradient of the pooling's shape")
    let (source, chosen) = (UncheckedPointer(gradient.base), UncheckedPointer(choices.base))
    forEachImage(images, windows) { shape, target, range in
      signflip_max_pool_gradient(shape, source.base, chosen.base, target, range.lowerBound, range.upperBound)
    }
  }

  /// The mean of every channel over the places of each window that lie in the image.
  /// - Parameter output: gets shape `[batch·windows, channels]`.
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

  /// The gradient of an average pooling.
  /// - Parameter images: gets the images' gradient, shape `[batch·height·width, channels]`.
  package func averagePoolGradient(_ gradient: Tensor, _ windows: ImageWindows, into images: Tensor) {
    let source = UncheckedPointer(gradient.base)
    forEachImage(images, windows) { shape, target, range in
      signflip_average_pool_gradient(shape, source.base, target, range.lowerBound, range.upperBound)
    }
  }

  private func beginPooling(_ images: Tensor, _ windows: ImageWindows, _ output: Tensor) -> Int {
    precondition(windows.kernel.height * windows.kernel.width <= 256, "expected at most 256 places in a window")
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

  private func check(_ images: Tensor, _ windows: ImageWindows, through range: Range<Int>) {
    precondition(
      images.columns == windows.input.channels && images.rows.isMultiple(of: windows.input.pixels),
      "expected images of \(windows.input), found \(images.rows)×\(images.columns)")
    precondition(
      range.lowerBound >= 0 && range.upperBound <= images.rows / windows.input.pixels * windows.count,
      "windows \(range) do not exist")
  }
}

/// Where the greatest values of a max pooling stood.
package final class PoolingChoices {
  private var buffer = AlignedBuffer<UInt8>(capacity: 0)

  /// No choices.
  package init() {}

  /// Bytes that the choices take.
  package private(set) var byteCount = 0

  func reserve(_ count: Int) -> UnsafeMutablePointer<UInt8> {
    AlignedBuffer.reserve(&buffer, count)
    byteCount = count
    return buffer.base
  }

  var base: UnsafeMutablePointer<UInt8> { buffer.base }
}
