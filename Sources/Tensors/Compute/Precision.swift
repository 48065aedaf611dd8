/// How the operands of matrix products are rounded; sums are always float32.
package enum Precision: String, Codable, Sendable, CaseIterable {
  /// Operands as they are.
  case float32
  /// Operands rounded to bfloat16: twice as fast where the processor has instructions for it. ±1 stays exact.
  case bfloat16

  /// Whether matrix products in this precision can be had here: oneDNN 2 has bfloat16 ones from AVX-512 on.
  package var isSupported: Bool { self == .float32 || Precision.hasBFloat16 }

  private static let hasBFloat16 = MatrixProducts().canMultiply(.bfloat16)

  /// The faster precision of this processor: bfloat16 where it multiplies bfloat16 by itself, float32 elsewhere.
  package static let preferred: Precision = MatrixProducts.hasBFloat16Kernels ? .bfloat16 : .float32
}
