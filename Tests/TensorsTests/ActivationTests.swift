import Tensors
import Testing

@Suite("Activations, biases and histograms")
struct ActivationTests {
  private let compute = Compute(threads: 2)
  private let values: [Float] = [-2, -1, -0.5, -0.0, 0, 0.5, 1, 1.5]

  private func row(_ values: [Float]) -> Tensor { Tensor(rows: 1, columns: values.count, values: values) }

  private func gated(_ gate: GradientGate) -> [Float] {
    let gradient = row([1, 2, 3, 4, 5, 6, 7, 8])
    compute.gate(gradient, by: gate)
    return gradient.values
  }

  @Test("the rectifier and its gradient")
  func relu() {
    let tensor = row(values)
    compute.relu(tensor)
    #expect(tensor.values == [0, 0, 0, 0, 0, 0.5, 1, 1.5])
    #expect(gated(.rectifier(output: tensor)) == [0, 0, 0, 0, 0, 6, 7, 8])
  }

  @Test("the rectifier lets NaN through, so that training sees it")
  func reluOfNaN() {
    let tensor = row([.nan])
    compute.relu(tensor)
    #expect(tensor[0, 0].isNaN)
  }

  private func signs(of tensor: Tensor, window: Float = 1) -> SignBatch {
    let batch = SignBatch(features: tensor.columns)
    compute.sign(tensor, SignEstimator(window: window), into: batch)
    return batch
  }

  @Test("the sign of zero, either zero, is +1, and that of NaN")
  func sign() {
    #expect(signs(of: row(values + [.nan])).signs.signs == [-1, -1, -1, 1, 1, 1, 1, 1, 1])
  }

  @Test("the straight-through gradient passes inside of the window, its ends included")
  func signGradient() {
    #expect(gated(.signs(signs(of: row(values)))) == [0, 2, 3, 4, 5, 6, 7, 0])
    #expect(gated(.signs(signs(of: row(values), window: 0.5))) == [0, 0, 3, 4, 5, 6, 0, 0])
  }

  @Test("threads divide a pass without gaps or overlaps")
  func threads() {
    let input = Tensor(rows: sharedCount.rows, columns: sharedCount.columns, seed: 1)
    let gradient = Tensor(rows: sharedCount.rows, columns: sharedCount.columns, seed: 2)
    let output = Tensor(rows: 0, columns: sharedCount.columns)
    output.copy(from: input)
    compute.relu(output)
    #expect(output.values == input.values.map { max(0, $0) })
    let gated = Tensor(rows: 0, columns: sharedCount.columns)
    gated.copy(from: gradient)
    compute.gate(gated, by: .rectifier(output: output))
    #expect(gated.values == zip(gradient.values, input.values).map { $1 > 0 ? $0 : 0 })
    let batch = signs(of: input, window: 0.3)
    #expect(batch.signs.signs == input.values.map { $0 < 0 ? -1 : 1 })
    gated.copy(from: gradient)
    compute.gate(gated, by: .signs(batch))
    #expect(gated.values == zip(gradient.values, input.values).map { abs($1) <= 0.3 ? $0 : 0 })
  }

  @Test("a bias is added to every row; its gradient is the sum over the rows")
  func bias() {
    let tensor = Tensor(rows: 2, columns: 3, values: [1, 2, 3, 4, 5, 6])
    let sums = Tensor(rows: 1, columns: 3, values: [9, 9, 9])
    compute.sumColumns(tensor, into: sums)
    #expect(sums.values == [5, 7, 9])
    compute.addBias(Tensor(rows: 1, columns: 3, values: [10, 20, 30]), to: tensor)
    #expect(tensor.values == [11, 22, 33, 14, 25, 36])
  }

  @Test("a histogram counts outliers in its end bins")
  func histogram() {
    let tensor = Tensor(rows: 1, columns: 7, values: [-3, -1, -0.6, 0, 0.4, 0.99, 5])
    #expect(compute.histogram(of: tensor, bound: 1, bins: 4) == [3, 0, 2, 2])
    #expect(compute.histogram(of: tensor, bound: 1, bins: 4, stride: 3) == [1, 0, 1, 1])
    let far = Tensor(rows: 1, columns: 2, values: [-.infinity, .infinity])
    #expect(compute.histogram(of: far, bound: 1, bins: 2) == [1, 1])
  }
}
