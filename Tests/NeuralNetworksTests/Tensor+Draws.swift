import Tensors

extension Tensor {
  /// A matrix with elements from `[lower, upper)`.
  convenience init(rows: Int, columns: Int, seed: UInt64, from lower: Float = -1, to upper: Float = 1) {
    var generator = Philox(seed: seed)
    let values = (0..<(rows * columns)).map { _ in lower + (upper - lower) * generator.uniform() }
    self.init(rows: rows, columns: columns, values: values)
  }

  /// Takes `values`, row by row, in its own shape.
  func set(_ values: [Float]) {
    copy(from: Tensor(rows: rows, columns: columns, values: values))
  }
}

/// The greatest difference between two lists; infinite where their lengths differ or one holds NaN.
func greatestDifference(_ first: [Float], _ second: [Float]) -> Float {
  guard first.count == second.count else { return .infinity }
  let differences = zip(first, second).map { abs($0 - $1) }
  return differences.contains(where: \.isNaN) ? .infinity : differences.max() ?? 0
}
