/// The weights of a product as a packed network stores them, shape `[outputs, inputs]`.
package struct PackedWeights: Hashable, Sendable {
  /// The weights by kind.
  package enum Values: Hashable, Sendable {
    /// ±1: rows of 64-bit words, bit 1 for -1, the first input in the lowest bit, tail bits zero.
    case signs([UInt64])
    /// -1, 0 and 1 as two planes of signs: a weight is half the sum of both.
    case ternary([UInt64], [UInt64])
    /// Small integers.
    case integers([Int16])
    /// Any floats.
    case floats([Float])
  }

  /// The number of outputs.
  package let rows: Int
  /// The number of inputs.
  package let columns: Int
  /// The weights, row-major.
  package let values: Values

  package init(rows: Int, columns: Int, _ values: Values) {
    (self.rows, self.columns, self.values) = (rows, columns, values)
  }

  /// The kind of weights, for people: “bits”, “ternary”, “int8”, “float”.
  package var kind: String {
    switch values {
    case .signs: "bits"
    case .ternary: "ternary"
    case .integers(let values): values.allSatisfy { (-128...127).contains($0) } ? "int8" : "int16"
    case .floats: "float"
    }
  }

  /// Whether the weights are integers.
  package var areWhole: Bool { if case .floats = values { false } else { true } }

  /// The weight of an output and an input, as a float.
  package subscript(row: Int, column: Int) -> Float {
    func sign(_ words: [UInt64]) -> Float {
      words[row * ((columns + 63) / 64) + column / 64] >> UInt64(column % 64) & 1 == 1 ? -1 : 1
    }
    switch values {
    case .signs(let words): return sign(words)
    case .ternary(let first, let second): return (sign(first) + sign(second)) / 2
    case .integers(let values): return Float(values[row * columns + column])
    case .floats(let values): return values[row * columns + column]
    }
  }
}

extension Parameter {
  /// Returns the weights that products currently read, with the scale of each row, if there is one.
  ///
  /// Weights of few bits become integers; floats rounded to bfloat16 stay rounded.
  package var packedWeights: (weights: PackedWeights, scales: [Float]?) {
    let (rows, columns) = (value.rows, value.columns)
    func packed(_ values: PackedWeights.Values) -> (PackedWeights, [Float]?) {
      (PackedWeights(rows: rows, columns: columns, values), appliedScales?.values)
    }
    switch form {
    case .binary(let signs): return packed(.signs(signs.bits.packed))
    case .unread: return packed(.floats(value.values))
    case .real(let operand):
      let values: [Float] =
        switch operand {
        case .float32(let tensor): tensor.values
        case .bfloat16(let rounded): rounded.values
        }
      guard quantized != nil, !readsValue else { return packed(.floats(values)) }
      let isTernary = values.allSatisfy { $0 == 0 || $0 == 1 || $0 == -1 }
      return packed(
        isTernary
          ? PackedWeights.ternary(values, columns: columns) : .integers(values.map { Int16($0) }))
    }
  }
}

extension PackedWeights {
  /// Returns two planes of signs whose sum is twice the weights; they differ where a weight is 0. Weights without zeros
  /// need one plane.
  fileprivate static func ternary(_ values: [Float], columns: Int) -> Values {
    let words = (columns + 63) / 64
    var first = [UInt64](repeating: 0, count: columns == 0 ? 0 : values.count / columns * words)
    var second = first
    for (place, value) in values.enumerated() {
      let (word, bit) = (place / columns * words + place % columns / 64, UInt64(1) << UInt64(place % columns % 64))
      if value < 0 { first[word] |= bit }
      if value <= 0 { second[word] |= bit }
    }
    return first == second ? .signs(first) : .ternary(first, second)
  }
}
