/// An operand of a matrix product, in one of the precisions.
package enum Operand {
  /// A float32 matrix.
  case float32(Tensor)
  /// A bfloat16 matrix.
  case bfloat16(HalfTensor)

  /// The precision of its elements.
  package var precision: Precision {
    switch self {
    case .float32: .float32
    case .bfloat16: .bfloat16
    }
  }

  /// Number of rows.
  package var rows: Int {
    switch self {
    case .float32(let tensor): tensor.rows
    case .bfloat16(let tensor): tensor.rows
    }
  }

  /// Number of columns.
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
  /// Returns `tensor` as an operand in `precision`: itself, or rounded into `scratch`.
  package func operand(_ tensor: Tensor, _ precision: Precision, scratch: HalfTensor) -> Operand {
    switch precision {
    case .float32: return .float32(tensor)
    case .bfloat16:
      round(tensor, into: scratch)
      return .bfloat16(scratch)
    }
  }
}

extension Compute {
  /// Computes `c = op(a) · op(b)`, or adds it to c, where `op` optionally transposes. Sums are float32.
  /// - Parameters:
  ///   - a: shape `[m, k]`, or `[k, m]` if transposed.
  ///   - b: shape `[k, n]`, or `[n, k]` if transposed; of the same precision as `a`.
  ///   - adds: whether the product is added to c.
  ///   - c: shape `[m, n]`; overwritten or added to completely.
  package func multiply(
    _ a: Operand, _ b: Operand, transposingA aTransposed: Bool = false, transposingB bTransposed: Bool = false,
    adding adds: Bool = false, into c: Tensor
  ) {
    let (m, k) = aTransposed ? (a.columns, a.rows) : (a.rows, a.columns)
    let (inner, n) = bTransposed ? (b.columns, b.rows) : (b.rows, b.columns)
    precondition(k == inner, "a product of \(m)×\(k) and \(inner)×\(n) matrices does not exist")
    precondition((c.rows, c.columns) == (m, n), "expected a result of \(m)×\(n), found \(c.rows)×\(c.columns)")
    guard m > 0 else { return }
    var shape = MatrixProducts.Shape(
      m: m, n: n, k: k, aTransposed: aTransposed, bTransposed: bTransposed, precision: .float32, bStride: n,
      adds: adds)
    switch (a, b) {
    case (.float32(let a), .float32(let b)):
      if MatrixProducts.isQuickerSwapped(shape) {
        multiplySwapped(shape, a.base, b.base, c.base)
      } else if let stride = MatrixProducts.paddedStride(shape) {
        shape.bStride = stride
        products.multiply(shape, a.base, pad(b, stride: stride), c.base)
      } else {
        products.multiply(shape, a.base, b.base, c.base)
      }
    case (.bfloat16(let a), .bfloat16(let b)):
      shape.precision = .bfloat16
      products.multiply(shape, a.base, b.base, c.base)
    case (.float32, .bfloat16), (.bfloat16, .float32):
      preconditionFailure("the operands of a product must have one precision")
    }
  }

  /// Computes `count` products `cᵢ = op(aᵢ) · op(bᵢ)` of small matrices in one call, divided among the threads.
  /// - Parameters:
  ///   - a: the matrices `[m, k]`, or `[k, m]` if transposed, one below the other; `b` and `c` likewise.
  package func multiply(
    count: Int, _ a: Tensor, _ b: Tensor, transposingA aTransposed: Bool = false,
    transposingB bTransposed: Bool = false, adding adds: Bool = false, into c: Tensor
  ) {
    precondition(
      [a, b, c].allSatisfy { $0.rows.isMultiple(of: count) }, "expected \(count) matrices one below the other")
    let (rowsA, rowsB, m) = (a.rows / count, b.rows / count, c.rows / count)
    let (k, n) = (aTransposed ? rowsA : a.columns, c.columns)
    precondition(
      (aTransposed ? a.columns : rowsA) == m && (bTransposed ? rowsB : b.columns) == n
        && (bTransposed ? b.columns : rowsB) == k, "products of \(m)×\(k) and \(k)×\(n) matrices do not exist")
    guard m > 0 else { return }
    products.multiply(
      MatrixProducts.Shape(
        m: m, n: n, k: k, aTransposed: aTransposed, bTransposed: bTransposed, precision: .float32, bStride: n,
        adds: adds, count: count), a.base, b.base, c.base)
  }

  // Computes `c = a · bᵀ` as `cᵀ = b · aᵀ`.
  private func multiplySwapped(
    _ shape: MatrixProducts.Shape, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
    _ c: UnsafeMutablePointer<Float>
  ) {
    let (m, n, k) = (shape.m, shape.n, shape.k)
    var swapped = shape
    // Rows an odd number of cache lines apart are spread over all sets of a cache.
    (swapped.m, swapped.n, swapped.bTransposed, swapped.bStride) = (n, m, false, (m / 16 | 1) * 16)
    AlignedBuffer.reserve(&paddedOperand, k * swapped.bStride)
    AlignedBuffer.reserve(&transposedProduct, n * m)
    products.transpose(
      .init(rows: m, columns: k, fromStride: k, toStride: swapped.bStride), a, paddedOperand.base)
    products.multiply(swapped, b, paddedOperand.base, transposedProduct.base)
    products.transpose(.init(rows: n, columns: m, fromStride: m, toStride: n), transposedProduct.base, c)
  }

  // Copies a matrix to rows that are `stride` elements apart.
  private func pad(_ matrix: Tensor, stride: Int) -> UnsafePointer<Float> {
    AlignedBuffer.reserve(&paddedOperand, matrix.rows * stride)
    let (source, target) = (UncheckedPointer(matrix.base), UncheckedPointer(paddedOperand.base))
    let columns = matrix.columns
    team.forEachRange(of: matrix.rows, multipleOf: 1, cost: matrix.count) { _, range in
      for row in range { (target.base + row * stride).update(from: source.base + row * columns, count: columns) }
    }
    return UnsafePointer(target.base)
  }
}
