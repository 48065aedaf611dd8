internal import CBinaryKernels

// Windows of images as rows of a matrix (im2col), so that a convolution is a product, whatever its operands are.

extension Compute {
  /// Writes windows of images as rows.
  /// - Parameters:
  ///   - images: shape `[batch·height·width, channels]`.
  ///   - range: the windows, counted image by image.
  /// - rows: receives shape `[range.count, windows.features]`.
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

  /// Adds windows to the images they were taken from (col2im): the gradient of `unfold`.
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
    let (count, features) = (windows.count, windows.features)
    team.forEachRange(of: range.count, multipleOf: 1, cost: rows.count) { _, part in
      withUnsafePointer(to: shape) {
        signflip_fold(
          $0, source.base + part.lowerBound * count * features, target.base,
          (range.lowerBound + part.lowerBound) * count, (range.lowerBound + part.upperBound) * count)
      }
    }
  }

  /// Writes windows of images of signs as rows of bits.
  /// - Parameters:
  ///   - images: shape `[batch·height·width, channels]`.
  /// - rows: receives the windows of all images, one per row. Positions outside an image are +1; those that contribute
  ///   nothing are marked as dropped.
  package func unfold(_ images: SignBatch, _ windows: ImageWindows, into rows: SignBatch) {
    let count = images.rows / windows.input.pixels * windows.count
    precondition(rows.columns == windows.features, "expected \(windows.features) columns, found \(rows.columns)")
    let shape = windows.kernelArgument
    let needsKept = images.kept != nil || shape.padding == signflip_pad_zero
    let target = rows.beginUnfolded(rows: count, hasKept: needsKept, scale: images.scale)
    unfold(images.signs, shape, outside: 0, into: rows.signs)
    if let target { unfold(images.kept, shape, outside: shape.padding == signflip_pad_one ? 1 : 0, into: target) }
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

  /// Computes a convolution of images of signs with filters of signs, with XOR and popcount.
  /// - Parameters:
  ///   - images: shape `[batch·height·width, channels]`.
  ///   - filters: shape `[filters, windows.features]`, in the order height, width, channel.
  /// - output: shape `[batch·windows, filters]`; the exact sums times the scale of `images`.
  package func convolve(_ images: SignBatch, _ windows: ImageWindows, _ filters: SignMatrix, into output: Tensor) {
    let count = images.rows / windows.input.pixels * windows.count
    precondition(
      (output.rows, output.columns) == (count, filters.bits.rows), "the convolution's shapes do not fit")
    var result = signflip_xnor_result()
    result.values = output.base
    result.scale = images.scale
    result.stride = output.columns
    convolve(images, windows, filters, result)
  }

  /// Computes a convolution of signs; the result says where it goes.
  func convolve(
    _ images: SignBatch, _ windows: ImageWindows, _ filters: SignMatrix, _ result: signflip_xnor_result
  ) {
    let bits = filters.bits
    let count = images.rows / windows.input.pixels * windows.count
    precondition(
      bits.columns == windows.features && images.columns == windows.input.channels,
      "the convolution's shapes do not fit")
    let panels = UnsafeMutablePointer(mutating: filters.panels(team))
    let shape = windows.kernelArgument
    let scratchWords = withUnsafePointer(to: shape) { signflip_convolution_scratch($0) }
    AlignedBuffer.reserve(&windowBits, threads * scratchWords)
    let (source, weights, scratch) = (
      UncheckedPointer(images.signs.base), UncheckedPointer(panels), UncheckedPointer(windowBits.base)
    )
    let kept = images.kept.map { UncheckedPointer($0.base) }
    nonisolated(unsafe) let target = result
    let (kernels, columns) = (kernels, bits.rows)
    team.forEachRange(of: count, multipleOf: 8, cost: count * columns * bits.words) { part, range in
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

  /// Joins the pixels of each image of signs to one row without gaps: `[batch·height·width, channels]` becomes `[batch,
  /// height·width·channels]`.
  package func flatten(_ images: SignBatch, _ shape: ImageShape, into rows: SignBatch) {
    guard let windows = ImageWindows(shape, kernel: (shape.height, shape.width), stride: (1, 1), padding: .valid) else {
      preconditionFailure("an image's own size always fits")
    }
    unfold(images, windows, into: rows)
    if let sizes = images.sizes { inputScale(sizes, windows, into: rows.beginSizes()) }
  }

  func check(_ images: Tensor, _ windows: ImageWindows, through range: Range<Int>) {
    precondition(
      images.columns == windows.input.channels && images.rows.isMultiple(of: windows.input.pixels),
      "expected images of \(windows.input), found \(images.rows)×\(images.columns)")
    precondition(
      range.lowerBound >= 0 && range.upperBound <= images.rows / windows.input.pixels * windows.count,
      "windows \(range) do not exist")
  }
}
