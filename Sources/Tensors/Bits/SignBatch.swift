/// A batch of binary activations `[batch, features]`: what a sign activation gives, and what its gradient needs. The values
/// are ±`scale`, and 0 where a dropout has dropped them.
package final class SignBatch {
  /// The signs.
  package let signs: BitMatrix
  /// Where the straight-through estimator lets the gradient pass: |x| <= window.
  package let passes: BitMatrix
  /// Where a dropout has kept the value; nil where all are kept.
  package private(set) var kept: BitMatrix?
  /// The values' size.
  package private(set) var scale: Float = 1
  /// The mean magnitude of each row of what the signs were made of, shape `[rows, 1]`; nil where it was not measured.
  package private(set) var sizes: Tensor?
  private let keptStorage: BitMatrix
  private let sizeStorage = Tensor(rows: 0, columns: 1)

  /// An empty batch.
  package init(features: Int) {
    signs = BitMatrix(rows: 0, columns: features)
    passes = BitMatrix(rows: 0, columns: features)
    keptStorage = BitMatrix(rows: 0, columns: features)
  }

  /// How many rows.
  package var rows: Int { signs.rows }
  /// How many columns.
  package var columns: Int { signs.columns }
  /// Bytes that the batch takes.
  package var byteCount: Int { signs.byteCount + passes.byteCount + (kept?.byteCount ?? 0) }

  /// Makes room for a batch of which nothing is dropped.
  func begin(rows: Int) {
    signs.resize(rows: rows)
    passes.resize(rows: rows)
    (kept, scale, sizes) = (nil, 1, nil)
  }

  /// Makes room for the rows' mean magnitudes.
  func beginSizes() -> Tensor {
    sizeStorage.resize(rows: rows)
    sizes = sizeStorage
    return sizeStorage
  }

  /// Makes room for what a dropout at `rate` keeps.
  func beginDropout(rate: Float) -> BitMatrix {
    keptStorage.resize(rows: rows)
    (kept, scale) = (keptStorage, 1 / (1 - rate))
    return keptStorage
  }

  /// Makes room for windows of another batch, whose gradient passes elsewhere.
  /// - Returns: where to write what takes part, if asked for.
  func beginUnfolded(rows: Int, hasKept: Bool, scale: Float) -> BitMatrix? {
    signs.resize(rows: rows)
    passes.resize(rows: 0)
    if hasKept { keptStorage.resize(rows: rows) }
    kept = hasKept ? keptStorage : nil
    (self.scale, sizes) = (scale, nil)
    return kept
  }
}
