/// A moment that an optimizer keeps of each gradient of a parameter.
package enum Moment {
  /// As float32.
  case float32(Tensor)
  /// As bfloat16, in half the memory. Each update rounds it up or down at random, so that its mean is exact.
  case bfloat16(HalfTensor)

  /// Zeros.
  package init(rows: Int, columns: Int, _ precision: Precision) {
    switch precision {
    case .float32: self = .float32(Tensor(rows: rows, columns: columns))
    case .bfloat16: self = .bfloat16(HalfTensor(rows: rows, columns: columns))
    }
  }

  /// The elements, row by row.
  package var values: [Float] {
    switch self {
    case .float32(let tensor): tensor.values
    case .bfloat16(let tensor): tensor.values
    }
  }

  /// The elements in a checkpoint.
  package var source: SafetensorsImage.Source {
    switch self {
    case .float32(let tensor): .tensor(tensor)
    case .bfloat16(let tensor): .halves(tensor)
    }
  }

  subscript(index: Int) -> Float {
    switch self {
    case .float32(let tensor): tensor.base[index]
    case .bfloat16(let tensor): Float(bitPattern: UInt32(tensor.base[index]) << 16)
    }
  }

  var floats: UnsafeMutablePointer<Float>? { if case .float32(let tensor) = self { tensor.base } else { nil } }
  var halves: UnsafeMutablePointer<UInt16>? { if case .bfloat16(let tensor) = self { tensor.base } else { nil } }
}

extension SafetensorsImage {
  /// Reads a moment, in the precision in which it was written.
  /// - Throws: `SafetensorsError` if no tensor has this name and shape, or it is neither float32 nor bfloat16.
  package func moment(_ name: String, rows: Int, columns: Int) throws(SafetensorsError) -> Moment {
    let moment = Moment(rows: rows, columns: columns, type(of: name) == .bfloat16 ? .bfloat16 : .float32)
    switch moment {
    case .float32(let tensor): try copy(name, into: tensor)
    case .bfloat16(let tensor): try copy(name, into: tensor)
    }
    return moment
  }
}
