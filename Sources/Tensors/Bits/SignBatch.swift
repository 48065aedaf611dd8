/// A batch of binary activations `[batch, features]`, with what the backward pass needs. The values are ±`scale`, and 0
/// where dropout has dropped them.
package final class SignBatch {
  /// The signs.
  package let signs: BitMatrix
  /// Where the straight-through estimator passes the gradient: |x| <= window.
  package let passes: BitMatrix
  /// Where dropout has kept the value; nil if all are kept.
  package private(set) var kept: BitMatrix?
  /// The magnitude of the values.
  package private(set) var scale: Float = 1
  /// The mean absolute value of each row of the sign's input, shape `[rows, 1]`; nil if it was not computed.
  package private(set) var sizes: Tensor?
  private let keptStorage: BitMatrix
  private let sizeStorage = Tensor(rows: 0, columns: 1)

  /// An empty batch.
  package init(features: Int) {
    signs = BitMatrix(rows: 0, columns: features)
    passes = BitMatrix(rows: 0, columns: features)
    keptStorage = BitMatrix(rows: 0, columns: features)
  }

  /// Number of rows.
  package var rows: Int { signs.rows }
  /// Number of columns.
  package var columns: Int { signs.columns }
  /// Size in bytes.
  package var byteCount: Int { signs.byteCount + passes.byteCount + (kept?.byteCount ?? 0) }

  /// Resizes the batch, with nothing dropped.
  func begin(rows: Int) {
    signs.resize(rows: rows)
    passes.resize(rows: rows)
    (kept, scale, sizes) = (nil, 1, nil)
  }

  /// Makes room for a batch that no gradient passes.
  func beginInference(rows: Int) {
    signs.resize(rows: rows)
    passes.resize(rows: 0)
    (kept, scale, sizes) = (nil, 1, nil)
  }

  /// Allocates the mean magnitudes of the rows.
  func beginSizes() -> Tensor {
    sizeStorage.resize(rows: rows)
    sizes = sizeStorage
    return sizeStorage
  }

  /// Allocates the mask of a dropout.
  func beginDropout(rate: Float) -> BitMatrix {
    keptStorage.resize(rows: rows)
    (kept, scale) = (keptStorage, 1 / (1 - rate))
    return keptStorage
  }

  /// Resizes the batch for windows of another batch, which handles the gradient.
  /// - Returns: the mask of positions that take part, if requested.
  func beginUnfolded(rows: Int, hasKept: Bool, scale: Float) -> BitMatrix? {
    signs.resize(rows: rows)
    passes.resize(rows: 0)
    if hasKept { keptStorage.resize(rows: rows) }
    kept = hasKept ? keptStorage : nil
    (self.scale, sizes) = (scale, nil)
    return kept
  }
}
