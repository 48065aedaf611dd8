private import CBinaryKernels

/// Images that are whitened once for all lanes, with 4 bytes per value.
package final class WhitenedImages: @unchecked Sendable {
  // Immutable after `init`.
  private let rows: Tensor

  /// The images as rows, shape `[count, height·width·channels]`; must not be modified.
  package var tensor: Tensor { rows }

  /// Whitens all images.
  /// - Parameters:
  /// - pixels: the images in order, NHWC.
  /// - threads: number of threads, which does not affect the result.
  /// - progress: called on the calling thread with the fraction that is done, 0...1; an error that it throws cancels
  ///   the work.
  package init(
    _ pixels: ByteStorage, _ whitening: Whitening, threads: Int, progress: (Double) throws -> Void
  ) throws {
    let count = pixels.count / whitening.shape.features
    rows = Tensor(rows: count, columns: whitening.shape.features)
    let crew = ProductCrew(threads: threads)
    let block = 256
    let blocks = (count + block - 1) / block
    // The images processed at once, each with its own scratch memory.
    let round = 4 * threads
    nonisolated(unsafe) let contrasts = (0..<round).map { _ in Tensor(rows: 0, columns: whitening.shape.features) }
    nonisolated(unsafe) let target = rows
    for first in stride(from: 0, to: blocks, by: round) {
      try progress(Double(first) / Double(blocks))
      crew.forEach(min(round, blocks - first)) { index, compute in
        let range = (first + index) * block..<min(count, (first + index + 1) * block)
        let indices = [Int32](Int32(range.lowerBound)..<Int32(range.upperBound))
        WhiteningPass.whiten(
          pixels, indices[...], whitening, contrasts[index], into: target.view(rows: range), compute)
      }
    }
  }
}

/// Whitens images on one thread at a time, which may be any thread.
package final class WhiteningPass {
  private let crew = ProductCrew(threads: 1)
  private let contrasts: Tensor
  private let whitening: Whitening

  /// Whitening with a fitted map.
  package init(_ whitening: Whitening) {
    self.whitening = whitening
    contrasts = Tensor(rows: 0, columns: whitening.shape.features)
  }

  /// Writes whitened images as rows.
  /// - Parameters:
  /// - pixels: all images in order, NHWC.
  /// - indices: indices of images, each below `pixels.count / columns`.
  /// - rows: receives shape `[indices.count, height·width·channels]`.
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
    // The map is symmetric, and reading its transpose along rows is faster.
    compute.multiply(.float32(contrasts), .float32(whitening.matrix), transposingB: true, into: rows)
    signflip_subtract_row(rows.base, rows.rows, rows.columns, whitening.offset.base)
  }
}
