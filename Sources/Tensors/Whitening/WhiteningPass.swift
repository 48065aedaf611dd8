private import CBinaryKernels

/// Whitens images with one thread, which may be any, one at a time.
package final class WhiteningPass {
  private let crew = ProductCrew(threads: 1)
  private let contrasts: Tensor
  private let whitening: Whitening

  /// A pass of `whitening`.
  package init(_ whitening: Whitening) {
    self.whitening = whitening
    contrasts = Tensor(rows: 0, columns: whitening.shape.features)
  }

  /// Writes whitened images as rows.
  /// - Parameters:
  ///   - pixels: all images, one after the other, NHWC.
  ///   - indices: places of images; each below `pixels.count / columns`.
  ///   - rows: gets shape `[indices.count, height·width·channels]`.
  package func whiten(_ pixels: ByteStorage, _ indices: ArraySlice<Int32>, into rows: Tensor) {
    crew.forEach(1) { _, compute in
      WhiteningPass.whiten(pixels, indices, whitening, contrasts, into: rows, compute)
    }
  }

  static func whiten(
    _ pixels: ByteStorage, _ indices: ArraySlice<Int32>, _ whitening: Whitening, _ contrasts: Tensor, into rows: Tensor,
    _ compute: Compute
  ) {
    contrasts.gatherContrasts(pixels, indices, shape: whitening.shape)
    rows.resize(rows: indices.count)
    // The map is symmetric, and its transpose is the one that is read along its rows.
    compute.multiply(.float32(contrasts), .float32(whitening.matrix), transposingB: true, into: rows)
    signflip_subtract_row(rows.base, rows.rows, rows.columns, whitening.offset.base)
  }
}
