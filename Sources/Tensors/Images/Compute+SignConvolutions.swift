internal import CBinaryKernels

// Convolutions of floats with signs. A thread writes only a few windows at a time as rows, so that they stay in its cache.

extension Compute {
  // Two blocks of rows of a product: some kernels multiply two at once.
  private static let windowBlock = 2 * signflip_sign_rows

  /// Computes a convolution of images of floats with filters of signs.
  /// - Parameters:
  ///   - images: shape `[batch·height·width, channels]`.
  ///   - filters: shape `[filters, windows.features]`, in the order height, width, channel.
  ///   - output: shape `[batch·windows, filters]`.
  package func convolve(_ images: Tensor, _ windows: ImageWindows, _ filters: SignMatrix, into output: Tensor) {
    check(images, windows, filters, output)
    let (bits, features) = (filters.bits, windows.features)
    let (rowScratch, sumScratch) = (windowScratch(features), signScratch(columns: bits.rows))
    let (source, target) = (UncheckedPointer(images.base), UncheckedPointer(output.base))
    let signs = UncheckedPointer(UnsafeMutablePointer(mutating: filters.wordMajor(team)))
    let (kernels, stride, columns, shape) = (kernels, scratchStride, bits.rows, windows.kernelArgument)
    forEachWindowBlock(
      of: output.rows, multipleOf: Self.windowBlock, cost: output.count * bits.words
    ) { part, block in
      let rows = rowScratch.base + part * features * Self.windowBlock
      withUnsafePointer(to: shape) { signflip_unfold($0, source.base, rows, block.lowerBound, block.upperBound) }
      var operands = signflip_sign_operands(
        a: rows, row_stride: features, depth_stride: 1, signs: signs.base, signs_too: nil, stride: columns,
        depth: features, columns: columns, scale: 1)
      kernels.table.pointee.sign_product(
        &operands, target.base + block.lowerBound * columns, columns, 0, block.count, sumScratch.base + part * stride)
    }
  }

  /// Computes the gradient of `convolve` with respect to the images.
  /// - Parameters:
  ///   - gradient: the gradient of the output, shape `[batch·windows, filters]`.
  ///   - filters: shape `[filters, windows.features]`.
  ///   - images: receives the gradient of the images, shape `[batch·height·width, channels]`.
  package func convolveTransposed(
    _ gradient: Tensor, _ windows: ImageWindows, _ filters: SignMatrix, into images: Tensor
  ) {
    check(images, windows, filters, gradient)
    let (bits, features) = (filters.bits, windows.features)
    let (rowScratch, sumScratch) = (windowScratch(features), signScratch(columns: features))
    let (source, target) = (UncheckedPointer(gradient.base), UncheckedPointer(images.base))
    let signs = UncheckedPointer(UnsafeMutablePointer(mutating: filters.transposed(team)))
    let (kernels, stride, depth, shape) = (kernels, scratchStride, bits.rows, windows.kernelArgument)
    // A window adds to several pixels, so that a thread takes whole images.
    forEachWindowBlock(of: gradient.rows, multipleOf: windows.count, cost: gradient.count * bits.words) { part, block in
      let rows = rowScratch.base + part * features * Self.windowBlock
      var operands = signflip_sign_operands(
        a: source.base + block.lowerBound * depth, row_stride: depth, depth_stride: 1, signs: signs.base,
        signs_too: nil, stride: features, depth: depth, columns: features, scale: 1)
      kernels.table.pointee.sign_product(
        &operands, rows, features, 0, block.count, sumScratch.base + part * stride)
      withUnsafePointer(to: shape) { signflip_fold($0, rows, target.base, block.lowerBound, block.upperBound) }
    }
  }

  // Calls `body` with the windows `0..<count`, a block at a time.
  private func forEachWindowBlock(
    of count: Int, multipleOf unit: Int, cost: Int, _ body: (_ part: Int, _ block: Range<Int>) -> Void
  ) {
    team.forEachRange(of: count, multipleOf: unit, cost: cost) { part, range in
      for first in stride(from: range.lowerBound, to: range.upperBound, by: Self.windowBlock) {
        body(part, first..<min(first + Self.windowBlock, range.upperBound))
      }
    }
  }

  // Rows of a block of windows, for each thread.
  private func windowScratch(_ features: Int) -> UncheckedPointer<Float> {
    AlignedBuffer.reserve(&windowRows, threads * features * Self.windowBlock)
    return UncheckedPointer(windowRows.base)
  }

  private func check(_ images: Tensor, _ windows: ImageWindows, _ filters: SignMatrix, _ output: Tensor) {
    check(images, windows, through: 0..<output.rows)
    precondition(
      filters.bits.columns == windows.features && output.columns == filters.bits.rows
        && images.rows / windows.input.pixels * windows.count == output.rows, "the convolution's shapes do not fit")
  }
}
