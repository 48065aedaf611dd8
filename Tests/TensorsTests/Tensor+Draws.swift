import Tensors

extension Tensor {
  /// A matrix with elements from `[lower, upper)`.
  convenience init(rows: Int, columns: Int, seed: UInt64, from lower: Float = -1, to upper: Float = 1) {
    var generator = Philox(seed: seed)
    let values = (0..<(rows * columns)).map { _ in lower + (upper - lower) * generator.uniform() }
    self.init(rows: rows, columns: columns, values: values)
  }
}

extension Parameter {
  /// Copies `values`, row-major, and packs their signs if they are latent weights.
  func set(_ values: [Float]) {
    value.copy(from: Tensor(rows: value.rows, columns: value.columns, values: values))
    Compute(threads: 1).prepareOperand(of: self, .signs)
  }

  /// The weights that products read, row-major; nil if there are none.
  var operandValues: [Float]? {
    switch form {
    case .unread: nil
    case .real(let operand): operand.values
    case .binary(let signs): signs.bits.signs
    }
  }
}

/// The largest difference between two lists; infinite if their lengths differ or one contains NaN.
func greatestDifference(_ first: [Float], _ second: [Float]) -> Float {
  guard first.count == second.count else { return .infinity }
  let differences = zip(first, second).map { abs($0 - $1) }
  return differences.contains(where: \.isNaN) ? .infinity : differences.max() ?? 0
}

/// More elements than one thread processes alone, and not a multiple of a block.
let sharedCount = (rows: 37, columns: 1_001)

extension GradientGate {
  /// The elements at which the bits of a batch pass the gradient.
  static func signs(_ batch: SignBatch) -> GradientGate { .estimated(batch, SignEstimator(), input: nil) }
}
