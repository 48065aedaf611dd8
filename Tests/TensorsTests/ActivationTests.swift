import Tensors
import Testing

@Suite("Activations, biases and histograms")
struct ActivationTests {
  private let compute = Compute(threads: 2)
  private let values: [Float] = [-2, -1, -0.5, -0.0, 0, 0.5, 1, 1.5]

  private func mapped(_ pass: (Tensor, Tensor) -> Void) -> [Float] {
    let output = Tensor(rows: 0, columns: values.count)
    pass(Tensor(rows: 1, columns: values.count, values: values), output)
    return output.values
  }

  private let gradients = Tensor(rows: 1, columns: 8, values: [1, 2, 3, 4, 5, 6, 7, 8])

  @Test("the rectifier and its gradient")
  func relu() {
    #expect(mapped { compute.relu($0, into: $1) } == [0, 0, 0, 0, 0, 0.5, 1, 1.5])
    #expect(
      mapped { compute.reluGradient(gradients, input: $0, into: $1) } == [0, 0, 0, 0, 0, 6, 7, 8])
  }

  @Test("the rectifier lets NaN through, so that training sees it")
  func reluOfNaN() {
    let output = Tensor(rows: 0, columns: 1)
    compute.relu(Tensor(rows: 1, columns: 1, values: [.nan]), into: output)
    #expect(output[0, 0].isNaN)
  }

  @Test("the sign of zero, either zero, is +1")
  func sign() {
    #expect(mapped { compute.sign($0, into: $1) } == [-1, -1, -1, 1, 1, 1, 1, 1])
  }

  @Test("the straight-through gradient passes inside of the window, its ends included")
  func signGradient() {
    #expect(
      mapped { compute.signGradient(gradients, input: $0, window: 1, into: $1) } == [0, 2, 3, 4, 5, 6, 7, 0])
    #expect(
      mapped { compute.signGradient(gradients, input: $0, window: 0.5, into: $1) } == [0, 0, 3, 4, 5, 6, 0, 0])
  }

  @Test("threads share a pass without a seam")
  func threads() {
    let input = Tensor(rows: sharedCount.rows, columns: sharedCount.columns, seed: 1)
    let gradient = Tensor(rows: sharedCount.rows, columns: sharedCount.columns, seed: 2)
    let output = Tensor(rows: 0, columns: sharedCount.columns)
    compute.relu(input, into: output)
    #expect(output.values == input.values.map { max(0, $0) })
    compute.sign(input, into: output)
    #expect(output.values == input.values.map { $0 < 0 ? -1 : 1 })
    compute.reluGradient(gradient, input: input, into: output)
    #expect(output.values == zip(gradient.values, input.values).map { $1 > 0 ? $0 : 0 })
    compute.signGradient(gradient, input: input, window: 0.3, into: output)
    #expect(output.values == zip(gradient.values, input.values).map { abs($1) <= 0.3 ? $0 : 0 })
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

  @Test("a histogram counts what lies outside in its end bins")
  func histogram() {
    let tensor = Tensor(rows: 1, columns: 7, values: [-3, -1, -0.6, 0, 0.4, 0.99, 5])
    #expect(compute.histogram(of: tensor, bound: 1, bins: 4) == [3, 0, 2, 2])
    #expect(compute.histogram(of: tensor, bound: 1, bins: 4, stride: 3) == [1, 0, 1, 1])
    let far = Tensor(rows: 1, columns: 2, values: [-.infinity, .infinity])
    #expect(compute.histogram(of: far, bound: 1, bins: 2) == [1, 1])
  }
}
