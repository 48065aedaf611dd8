import Tensors
import Testing

@Suite("Products with signs")
struct SignProductTests {
  private static let shapes = [(1, 1, 1), (5, 3, 7), (17, 10, 130), (40, 70, 64), (33, 200, 100)]

  private func tensor(_ rows: Int, _ columns: Int, seed: UInt64) -> Tensor {
    Tensor(rows: rows, columns: columns, seed: seed)
  }

  private func signs(of tensor: Tensor, _ compute: Compute) -> (matrix: SignMatrix, values: Tensor) {
    let parameter = Parameter(
      name: "w", rows: tensor.rows, columns: tensor.columns, isBinary: true, operandPrecision: .float32)
    parameter.value.copy(from: tensor)
    compute.prepareOperand(of: parameter, .signs)
    guard case .binary(let matrix) = parameter.form else { preconditionFailure("latent weights have signs") }
    return (matrix, Tensor(rows: tensor.rows, columns: tensor.columns, values: matrix.bits.signs))
  }

  private func batch(of tensor: Tensor, dropping rate: Float, _ compute: Compute) -> (batch: SignBatch, values: Tensor)
  {
    let batch = SignBatch(features: tensor.columns)
    compute.sign(tensor, SignEstimator(), into: batch)
    if rate > 0 { compute.dropout(batch, rate: rate, random: RandomStream(seed: 1, stream: 2, step: 3)) }
    let values = Tensor(rows: 0, columns: tensor.columns)
    compute.unpack(batch, into: values)
    return (batch, values)
  }

  // oneDNN's product of the same numbers as floats.
  private func product(
    _ a: Tensor, _ b: Tensor, transposingA: Bool = false, transposingB: Bool = false, rows: Int, columns: Int,
    _ compute: Compute
  ) -> [Float] {
    let c = Tensor(rows: rows, columns: columns)
    compute.multiply(
      .float32(a), .float32(b), transposingA: transposingA, transposingB: transposingB, into: c)
    return c.values
  }

  @Test("agree with oneDNN's of the same numbers, whatever the shape", arguments: shapes, [0, 0.3] as [Float])
  func products(shape: (Int, Int, Int), rate: Float) {
    let (rows, outputs, inputs) = shape
    let compute = Compute(threads: 2)
    let real = tensor(rows, inputs, seed: 1)
    let (weights, weightValues) = signs(of: tensor(outputs, inputs, seed: 2), compute)
    let (input, inputValues) = batch(of: tensor(rows, inputs, seed: 3), dropping: rate, compute)
    let gradient = tensor(rows, outputs, seed: 4)

    let output = Tensor(rows: rows, columns: outputs)
    compute.multiply(real, weights, into: output)
    let expected = product(real, weightValues, transposingB: true, rows: rows, columns: outputs, compute)
    #expect(greatestDifference(output.values, expected) < 1e-5 * Float(inputs).squareRoot())

    compute.multiply(input, weights, into: output)
    let exact = product(inputValues, weightValues, transposingB: true, rows: rows, columns: outputs, compute)
    // Sums of ±1 are exact. Sums of ±1/(1 - rate) are rounded once, but many times in oneDNN's product.
    #expect(rate == 0 ? output.values == exact : greatestDifference(output.values, exact) < 1e-4)

    let inputGradient = Tensor(rows: rows, columns: inputs)
    compute.multiplyTransposed(gradient, weights, into: inputGradient)
    let back = product(gradient, weightValues, rows: rows, columns: inputs, compute)
    #expect(greatestDifference(inputGradient.values, back) < 1e-5 * Float(outputs).squareRoot())

    let weightGradient = Tensor(rows: outputs, columns: inputs)
    compute.multiplyTransposing(gradient, input, into: weightGradient)
    let across = product(gradient, inputValues, transposingA: true, rows: outputs, columns: inputs, compute)
    #expect(greatestDifference(weightGradient.values, across) < 2e-5 * Float(rows).squareRoot())
  }

  @Test("give the same bits with any number of threads")
  func threads() {
    func all(threads: Int) -> [[UInt32]] {
      let compute = Compute(threads: threads)
      let (rows, outputs, inputs) = (130, 700, 1_600)
      let (weights, _) = signs(of: tensor(outputs, inputs, seed: 2), compute)
      let (input, _) = batch(of: tensor(rows, inputs, seed: 3), dropping: 0.2, compute)
      let gradient = tensor(rows, outputs, seed: 4)
      let (first, second) = (Tensor(rows: rows, columns: outputs), Tensor(rows: rows, columns: outputs))
      let (back, across) = (Tensor(rows: rows, columns: inputs), Tensor(rows: outputs, columns: inputs))
      compute.multiply(tensor(rows, inputs, seed: 1), weights, into: first)
      compute.multiply(input, weights, into: second)
      compute.multiplyTransposed(gradient, weights, into: back)
      compute.multiplyTransposing(gradient, input, into: across)
      return [first, second, back, across].map { $0.values.map(\.bitPattern) }
    }
    let one = all(threads: 1)
    for threads in [2, 3, 5] { #expect(all(threads: threads) == one) }
  }

  @Test("use the new signs after an update")
  func update() {
    let compute = Compute(threads: 1)
    let parameter = Parameter(name: "w", rows: 2, columns: 3, isBinary: true, operandPrecision: .float32)
    parameter.value.fill(0.5)
    compute.prepareOperand(of: parameter, .signs)
    let ones = Tensor(rows: 1, columns: 3, values: [1, 1, 1])
    func outputs() -> [Float] {
      guard case .binary(let matrix) = parameter.form else { return [] }
      let output = Tensor(rows: 1, columns: 2)
      compute.multiply(ones, matrix, into: output)
      return output.values
    }
    #expect(outputs() == [3, 3])
    parameter.gradient.copy(from: Tensor(rows: 2, columns: 3, values: [1, 0, 0, 1, 1, 1]))
    _ = compute.update(parameter, rule: .sgd(momentum: 0), rate: 1, weightDecay: 0, clipValue: 1)
    #expect(outputs() == [1, -3])
  }

  @Test(
    "convolutions of floats with signs equal products of all windows bit for bit, with any number of threads",
    arguments: [Padding.valid, .same, .sameOne], [1, 2, 3])
  func convolutions(padding: Padding, threads: Int) throws {
    let windows = try #require(
      ImageWindows(
        ImageShape(height: 9, width: 7, channels: 5), kernel: (3, 2), stride: (1, 2), padding: padding))
    let (batch, filters, compute) = (40, 70, Compute(threads: threads))
    let images = tensor(batch * windows.input.pixels, 5, seed: 1)
    let weights = signs(of: tensor(filters, windows.features, seed: 2), compute).matrix
    let count = batch * windows.count
    let rows = Tensor(rows: 0, columns: 0)
    let (expected, output) = (Tensor(rows: count, columns: filters), Tensor(rows: count, columns: filters))
    compute.unfold(images, windows, range: 0..<count, into: rows)
    compute.multiply(rows, weights, into: expected)
    compute.convolve(images, windows, weights, into: output)
    #expect(output.values == expected.values)

    let gradient = tensor(count, filters, seed: 3)
    let (all, own) = (tensor(images.rows, 5, seed: 4), tensor(images.rows, 5, seed: 5))
    compute.multiplyTransposed(gradient, weights, into: rows)
    compute.fold(rows, windows, range: 0..<batch, into: all)
    compute.convolveTransposed(gradient, windows, weights, into: own)
    #expect(own.values == all.values)
  }
}
