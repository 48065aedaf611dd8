/// The kind of programs that an ONNX graph is written for.
enum ONNXDialect {
  /// Runtimes: only standard operators, any batch size, images as bytes `[N, H, W, C]`.
  case standard
  /// Tools that build hardware: QONNX quantizers give the number of bits of each value. One image, `[1, C, H, W]`, or a
  /// flat row for a multilayer perceptron.
  /// - SeeAlso: Pappalardo et al. 2022, arXiv:2206.07527; https://github.com/fastmachinelearning/qonnx
  case qonnx

  /// The domain of the quantizers.
  static let quantizers = "qonnx.custom_op.general"
}

extension ONNXGraph {
  /// Appends `-1 where x < 0, else +1`.
  mutating func bipolar(_ input: String) -> String {
    node("BipolarQuant", [input, constant([Float(1)], [], "one")], domain: ONNXDialect.quantizers)
  }

  /// Appends `clip(round(x), 0, 2ᵇ - 1)`; if signed, `clip(round(x), -2ᵇ⁻¹ + narrow, 2ᵇ⁻¹ - 1)`.
  mutating func quant(_ input: String, bits: Int, isSigned: Bool, isNarrow: Bool = false) -> String {
    let numbers = [
      constant([Float(1)], [], "one"), constant([Float(0)], [], "zero"), constant([Float(bits)], [], "bits"),
    ]
    return node(
      "Quant", [input] + numbers,
      [
        .int("signed", isSigned ? 1 : 0), .int("narrow", isNarrow ? 1 : 0),
        .string("rounding_mode", "ROUND"),
      ], domain: ONNXDialect.quantizers)
  }

  /// Appends a rounding to bfloat16.
  mutating func bfloat16(_ input: String) -> String {
    // Scale, bits of the exponent and of the mantissa, bias of the exponent, largest number.
    let numbers: [(Float, String)] = [
      (1, "one"), (8, "exponent"), (7, "mantissa"), (127, "bias"), (Float(bitPattern: 0x7F7F_0000), "greatest"),
    ]
    return node(
      "FloatQuant", [input] + numbers.map { constant([$0.0], [], $0.1) },
      [
        .string("rounding_mode", "ROUND"), .int("has_inf", 0), .int("has_nan", 0), .int("has_subnormal", 0),
        .int("saturation", 1),
      ], domain: ONNXDialect.quantizers)
  }
}
