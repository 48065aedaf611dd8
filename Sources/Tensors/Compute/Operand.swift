/// An operand of a matrix product, in one of the precisions.
package enum Operand {
  /// A float32 matrix.
  case float32(Tensor)
  /// A bfloat16 matrix.
  case bfloat16(HalfTensor)

  /// How its elements are rounded.
  package var precision: Precision {
    switch self {
    case .float32: .float32
    case .bfloat16: .bfloat16
    }
  }

  /// How many rows.
  package var rows: Int {
    switch self {
    case .float32(let tensor): tensor.rows
    case .bfloat16(let tensor): tensor.rows
    }
  }

  /// How many columns.
  package var columns: Int {
    switch self {
    case .float32(let tensor): tensor.columns
    case .bfloat16(let tensor): tensor.columns
    }
  }

  /// The elements, row by row.
  package var values: [Float] {
    switch self {
    case .float32(let tensor): tensor.values
    case .bfloat16(let tensor): tensor.values
    }
  }
}

extension Compute {
  /// `tensor` as an operand of products in `precision`: itself, or rounded into `scratch`.
  package func operand(_ tensor: Tensor, _ precision: Precision, scratch: HalfTensor) -> Operand {
    switch precision {
    case .float32: return .float32(tensor)
    case .bfloat16:
      round(tensor, into: scratch)
      return .bfloat16(scratch)
    }
  }
}
