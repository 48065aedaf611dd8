package import Tensors

/// Compares all kinds of products of one shape, timed alternately on one thread.
package struct ProductBenchmark {
  /// The shape of a product `[rows, depth]·[depth, columns]`.
  package struct Shape: Hashable, Sendable, Encodable {
    package var rows, depth, columns: Int

    package init(rows: Int, depth: Int, columns: Int) {
      (self.rows, self.depth, self.columns) = (rows, depth, columns)
    }

    /// “256×2048×2048”.
    package var description: String { "\(rows)×\(depth)×\(columns)" }
  }

  /// Shapes that occur in common multilayer perceptrons and convolutional networks; K = 784, K = 500 and 10 outputs are
  /// not multiples of the block size.
  package static let shapes = [
    Shape(rows: 256, depth: 2048, columns: 2048), Shape(rows: 256, depth: 784, columns: 2048),
    Shape(rows: 256, depth: 2048, columns: 10), Shape(rows: 256, depth: 500, columns: 2048),
  ]

  /// Results in multiply-accumulates per second.
  package struct Result: Encodable {
    /// The shape.
    package var shape: Shape
    /// The instruction set: “avx2”.
    package var kernels: String
    /// Signs with signs: XOR and popcount.
    package var signs: Double
    /// Floats with signs: table look-ups.
    package var floatsWithSigns: Double
    /// Floats with floats, computed by oneDNN.
    package var floats: Double
    /// The same with operands rounded to bfloat16 beforehand; nil if the processor does not support it.
    package var bfloat16: Double?
    /// XOR, popcount (on AVX2 by nibble look-up) and addition in registers alone.
    package var popcount: Double
    /// The innermost step of the product of signs in registers alone: the upper bound.
    package var ceiling: Double
  }

  /// Times the products of `shape` with `kernels`.
  package static func run(_ shape: Shape, _ kernels: BitKernels, rounds: Int) -> Result {
    let compute = Compute(threads: 1, kernels: kernels)
    let random = RandomStream(seed: 1, stream: 1, step: 0)
    let input = Tensor(rows: shape.rows, columns: shape.depth)
    compute.fillUniform(input, from: -1, to: 1, random: random)
    let signs = SignBatch(features: shape.depth)
    compute.sign(input, SignEstimator(), into: signs)
    let latent = Parameter(
      name: "weights", rows: shape.columns, columns: shape.depth, isBinary: true, operandPrecision: .float32)
    compute.fillUniform(latent.value, from: -1, to: 1, random: random)
    compute.prepareOperand(of: latent, .signs)
    guard let weights = latent.signs else { preconditionFailure("latent weights have signs") }
    let output = Tensor(rows: shape.rows, columns: shape.columns)
    let halves =
      Precision.bfloat16.isSupported
      ? [input, latent.value].map {
        compute.operand($0, .bfloat16, scratch: HalfTensor(rows: 0, columns: shape.depth))
      } : []
    var (counted, pairs) = (0, 0)
    let seconds = Stopwatch.shortest(
      rounds: rounds,
      [
        { counted = kernels.countInRegisters(.popcount, rounds: 100_000) },
        { pairs = kernels.countInRegisters(.product, rounds: 100_000) },
        { compute.multiply(signs, weights, into: output) },
        { compute.multiply(input, weights, into: output) },
        { compute.multiply(.float32(input), .float32(latent.value), transposingB: true, into: output) },
        { if halves.count == 2 { compute.multiply(halves[0], halves[1], transposingB: true, into: output) } },
      ])
    let products = Double(shape.rows * shape.depth * shape.columns)
    return Result(
      shape: shape, kernels: kernels.name, signs: products / seconds[2], floatsWithSigns: products / seconds[3],
      floats: products / seconds[4], bfloat16: halves.isEmpty ? nil : products / seconds[5],
      popcount: Double(counted) / seconds[0], ceiling: Double(pairs) / seconds[1])
  }
}
