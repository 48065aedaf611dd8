import Tensors

extension Tensor {
  /// A matrix with elements from `[lower, upper)`.
  convenience init(rows: Int, columns: Int, seed: UInt64, from lower: Float = -1, to upper: Float = 1) {
    var generator = Philox(seed: seed)
    let values = (0..<(rows * columns)).map { _ in lower + (upper - lower) * generator.uniform() }
    self.init(rows: rows, columns: columns, values: values)
  }

  /// Copies `values`, row-major, and keeps its shape.
  func set(_ values: [Float]) {
    copy(from: Tensor(rows: rows, columns: columns, values: values))
  }
}

/// The largest difference between two lists; infinite if their lengths differ or one contains NaN.
func greatestDifference(_ first: [Float], _ second: [Float]) -> Float {
  guard first.count == second.count else { return .infinity }
  let differences = zip(first, second).map { abs($0 - $1) }
  return differences.contains(where: \.isNaN) ? .infinity : differences.max() ?? 0
}
