/// Weights of few bits beside the latent ones that they are made of.
final class QuantizedWeights {
  let quantization: WeightQuantization
  /// q, shape `[rows, columns]`.
  let levels: Tensor
  /// s of each row, shape `[1, rows]`.
  let scales: Tensor
  /// q as products read it.
  let operand: Operand
  /// Two numbers of each row, one kind after the other.
  let sums: AlignedBuffer<Double>
  /// The greatest |W| when q was made.
  var greatest: Float = 0

  init(_ quantization: WeightQuantization, rows: Int, columns: Int, precision: Precision) {
    self.quantization = quantization
    let levels = Tensor(rows: rows, columns: columns)
    self.levels = levels
    scales = Tensor(rows: 1, columns: rows)
    operand = precision == .float32 ? .float32(levels) : .bfloat16(HalfTensor(rows: rows, columns: columns))
    sums = AlignedBuffer(capacity: 2 * rows)
  }
}
