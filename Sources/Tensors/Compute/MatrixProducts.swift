private import COneDNN

/// oneDNN's matrix products, created once per shape and cached.
final class MatrixProducts {
  /// Everything that determines a oneDNN primitive.
  struct Shape: Hashable {
    var m: Int
    var n: Int
    var k: Int
    var aTransposed: Bool
    var bTransposed: Bool
    var precision: Precision
    /// The distance between the rows of B in elements, if B is not transposed.
    var bStride: Int
    /// Whether the product is added to C.
    var adds = false
    /// The number of products of consecutive matrices.
    var count = 1
  }

  /// A transposition, with the distances between rows in elements.
  struct Transposition: Hashable {
    var rows: Int
    var columns: Int
    var fromStride: Int
    var toStride: Int
  }

  /// The distance between rows, in elements, at which the second operand is read fastest if it is not transposed; nil
  /// if it needs no change.
  ///
  /// oneDNN's AVX2 kernels read such a matrix along its columns. Rows at multiples of 4 KiB then share a few sets of
  /// the L1 cache: 256×2048×2048 takes 1.8 times as long, while copying takes a twentieth of it.
  static func paddedStride(_ shape: Shape) -> Int? {
    let isAliased = shape.precision == .float32 && (shape.n * 4).isMultiple(of: 4096)
    guard isAliased, !shape.bTransposed, shape.m >= 64, shape.k >= 64, hasAVX2Kernels else { return nil }
    return shape.n + 16
  }

  /// Whether `c = a · bᵀ` is faster as `cᵀ = b · aᵀ`, including both transpositions.
  ///
  /// oneDNN's AVX2 kernels are 5 to 60 % faster if the operand with few rows, the batch, is the second one and not
  /// transposed, and if its rows fill the kernels' blocks; the gain is larger for smaller batches. The transpositions
  /// cost a 25th of 256×2048×2048, and a tenth of 256×512×512, which gains nothing.
  static func isQuickerSwapped(_ shape: Shape) -> Bool {
    guard shape.precision == .float32, shape.bTransposed, !shape.aTransposed, !shape.adds, hasAVX2Kernels else {
      return false
    }
    let isLarge = shape.n * shape.k >= 1 << 20 || shape.m <= 64
    return shape.m.isMultiple(of: 16) && shape.m <= 256 && shape.n >= 512 && shape.k >= 512 && isLarge
  }

  private static let hasAVX2Kernels = computes(with: dnnl_cpu_isa_avx2) && !computes(with: dnnl_cpu_isa_avx512_core)
  /// Whether oneDNN multiplies bfloat16 with native instructions.
  static let hasBFloat16Kernels = computes(with: dnnl_cpu_isa_avx512_core_bf16)

  // oneDNN's instruction set levels are bit sets, in which a higher level contains the lower ones.
  private static func computes(with level: dnnl_cpu_isa_t) -> Bool {
    dnnl_get_effective_cpu_isa().rawValue & level.rawValue == level.rawValue
  }

  private let engine: dnnl_engine_t
  private let stream: dnnl_stream_t
  private var products: [Shape: signflip_matmul] = [:]
  private var transpositions: [Transposition: signflip_transposition] = [:]

  init() {
    var engine: dnnl_engine_t?
    var stream: dnnl_stream_t?
    MatrixProducts.check(dnnl_engine_create(&engine, dnnl_cpu, 0), "making oneDNN's CPU engine")
    MatrixProducts.check(
      dnnl_stream_create(&stream, engine, UInt32(dnnl_stream_in_order.rawValue)), "making oneDNN's stream")
    guard let engine, let stream else { preconditionFailure("oneDNN made neither engine nor stream") }
    self.engine = engine
    self.stream = stream
  }

  deinit {
    destroyAll()
    dnnl_stream_destroy(stream)
    dnnl_engine_destroy(engine)
  }

  private func destroyAll() {
    for var product in products.values { signflip_matmul_destroy(&product) }
    products = [:]
    for var transposition in transpositions.values { signflip_transposition_destroy(&transposition) }
    transpositions = [:]
  }

  /// Computes `c = a · b`, with operands stored as `shape` says.
  func multiply(_ shape: Shape, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ c: UnsafeMutablePointer<Float>) {
    var product = product(of: shape)
    MatrixProducts.check(signflip_matmul_execute(&product, stream, a, b, c), "multiplying \(shape)")
  }

  /// Transposes a matrix into another one.
  func transpose(_ shape: Transposition, _ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>) {
    var transposition = transposition(of: shape)
    MatrixProducts.check(
      signflip_transposition_execute(&transposition, stream, source, target), "transposing \(shape)")
  }

  /// Whether oneDNN supports products in `precision` on this processor.
  func canMultiply(_ precision: Precision) -> Bool {
    let shape = Shape(m: 1, n: 1, k: 1, aTransposed: false, bTransposed: false, precision: precision, bStride: 1)
    var product = signflip_matmul()
    defer { signflip_matmul_destroy(&product) }
    return make(shape, &product) == dnnl_success
  }

  private func product(of shape: Shape) -> signflip_matmul {
    if let known = products[shape] { return known }
    var made = signflip_matmul()
    MatrixProducts.check(make(shape, &made), "making a product of \(shape)")
    makeRoom()
    products[shape] = made
    return made
  }

  private func transposition(of shape: Transposition) -> signflip_transposition {
    if let known = transpositions[shape] { return known }
    var made = signflip_transposition()
    MatrixProducts.check(
      signflip_transposition_create(
        &made, engine, dnnl_dim_t(shape.rows), dnnl_dim_t(shape.columns), dnnl_dim_t(shape.fromStride),
        dnnl_dim_t(shape.toStride)), "making a transposition of \(shape)")
    makeRoom()
    transpositions[shape] = made
    return made
  }

  // Each batch size and each remainder has a shape of its own. A run that often changes the batch size must not keep
  // them all.
  private func makeRoom() {
    if products.count + transpositions.count >= 1024 { destroyAll() }
  }

  private func make(_ shape: Shape, _ product: inout signflip_matmul) -> dnnl_status_t {
    signflip_matmul_create(
      &product, engine, dnnl_dim_t(shape.count), dnnl_dim_t(shape.m), dnnl_dim_t(shape.n), dnnl_dim_t(shape.k),
      shape.aTransposed ? 1 : 0,
      shape.bTransposed ? 1 : 0, dnnl_dim_t(shape.bStride), shape.precision == .float32 ? dnnl_f32 : dnnl_bf16,
      shape.adds ? 1 : 0)
  }

  // Shapes are checked before, so the only remaining error is lack of memory, which is fatal.
  private static func check(_ status: dnnl_status_t, _ what: @autoclosure () -> String) {
    precondition(status == dnnl_success, "oneDNN failed with status \(status.rawValue) while \(what())")
  }
}
