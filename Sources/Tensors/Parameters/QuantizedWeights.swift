/// Weights of few bits beside the latent ones that they are made of.
final class QuantizedWeights {
  var quantizer: any WeightQuantizer
  let facts: WeightFacts
  /// The share of the training that is done, for quantizers that change with it.
  var progress = 0.0
  /// q, shape `[rows, columns]`.
  let levels: Tensor
  /// s of each row, shape `[1, rows]`.
  let scales: Tensor
  /// q as products read it, where they read no bits.
  let operand: Operand
  /// q as bits, where it is -1 or 1 and products read these.
  let signs: SignMatrix?
  /// Two numbers of each row, one kind after the other.
  let sums: AlignedBuffer<Double>
  /// The greatest |W| when q was made.
  var greatest: Float = 0

  /// Weights of zeros.
  /// - Parameter scales: s, where it is learned.
  init(_ quantizer: any WeightQuantizer, rows: Int, columns: Int, precision: Precision, scales: Tensor?) {
    self.quantizer = quantizer
    facts = quantizer.facts
    let levels = Tensor(rows: rows, columns: columns)
    self.levels = levels
    self.scales = scales ?? Tensor(rows: 1, columns: rows)
    signs = facts.areSigns ? SignMatrix(rows: rows, columns: columns) : nil
    operand =
      precision == .float32 || facts.areSigns
      ? .float32(levels) : .bfloat16(HalfTensor(rows: rows, columns: columns))
    sums = AlignedBuffer(capacity: 2 * rows)
  }

  /// What products read.
  var form: Parameter.Form { signs.map { .binary($0) } ?? .real(operand) }
}
