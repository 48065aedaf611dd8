/// Images that were whitened once, for all lanes: 4 bytes a value.
package final class WhitenedImages: @unchecked Sendable {
  // Not written to after `init`.
  private let rows: Tensor

  /// The images as rows, shape `[count, height·width·channels]`; they must not be written to.
  package var tensor: Tensor { rows }

  /// Whitens all images.
  /// - Parameters:
  ///   - pixels: the images, one after the other, NHWC.
  ///   - threads: how many threads work at it; any number gives the same bits.
  ///   - progress: told the share that is done, 0...1, on the calling thread; what it throws ends the work.
  package init(
    _ pixels: ByteStorage, _ whitening: Whitening, threads: Int, progress: (Double) throws -> Void
  ) throws {
    let count = pixels.count / whitening.shape.features
    rows = Tensor(rows: count, columns: whitening.shape.features)
    let crew = ProductCrew(threads: threads)
    let block = 256
    let blocks = (count + block - 1) / block
    // As many as a crew does at once, each with its own room for contrasts.
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
