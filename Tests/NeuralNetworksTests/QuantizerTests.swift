import NeuralNetworks
import Tensors
import Testing

@Suite("Quantizers of weights")
struct QuantizerTests {
  private let compute = Compute(threads: 2)
  private let inputs = 7
  private let outputs = 4

  private func expectEqual(_ found: Tensor, _ expected: [Float]?, _ location: SourceLocation = #_sourceLocation) throws
  {
    let difference = greatestDifference(found.values, try #require(expected, sourceLocation: location))
    #expect(difference < 5e-6, sourceLocation: location)
  }

  private func expectPyTorch(_ name: String, _ layer: Linear) throws {
    let pass = try #require(Fixture.quantizers()[name])
    layer.weights.value.set(try #require(pass.weight))
    layer.bias?.value.set(try #require(pass.bias))
    compute.prepareOperand(of: layer.weights, .signs)
    let context = PassContext(compute: compute, isTraining: true)
    let input = Tensor(rows: 5, columns: inputs, values: try #require(pass.input))
    try expectEqual(layer.output(of: input, context), pass.output)
    let gradient = Tensor(rows: 5, columns: outputs, values: try #require(pass.outputGradient))
    try expectEqual(layer.inputGradient(gradient, context), pass.inputGradient)
    try expectEqual(layer.weights.gradient, pass.weightGradient)
    try expectEqual(#require(layer.bias).gradient, pass.biasGradient)
  }

  @Test("magnitude-aware signs agree with PyTorch")
  func magnitudeAware() throws {
    try expectPyTorch(
      "magnitudeAware",
      Linear(
        name: "l", inputs: inputs, outputs: outputs, isBinary: true, hasBias: true, scalesUpdates: false,
        scaling: WeightScaling(channels: nil, gradient: .constant), precision: .float32))
  }

  @Test("an update of magnitude-aware weights does not centre them, and renews their scales and signs")
  func magnitudeAwareUpdate() {
    let scaling = WeightScaling(channels: nil, gradient: .constant)
    func parameter(_ scaling: WeightScaling?) -> Parameter {
      let parameter = Parameter(
        name: "w", rows: 3, columns: 70, isBinary: true, operandPrecision: .float32, scaling: scaling)
      parameter.value.copy(from: Tensor(rows: 3, columns: 70, seed: 5, from: -0.4, to: 1))
      compute.centerWeights(of: parameter, clipValue: 1)
      compute.prepareOperand(of: parameter, .signs)
      parameter.gradient.copy(from: Tensor(rows: 3, columns: 70, seed: 6))
      return parameter
    }
    let (scaled, plain) = (parameter(scaling), parameter(nil))
    let outcomes = [scaled, plain].map {
      compute.update($0, rule: .sgd(momentum: 0), rate: 0.5, weightDecay: 0, clipValue: 0.5)
    }
    #expect(outcomes[0].flips > 0)
    #expect(outcomes[0] == outcomes[1])
    #expect(scaled.value.values == plain.value.values)
    #expect(scaled.operandValues == plain.operandValues)
    for row in 0..<3 {
      let size = scaled.value.values[row * 70..<row * 70 + 70].reduce(0) { $0 + abs($1) } / 70
      #expect(abs((scaled.appliedScales?.values[row] ?? 0) - size) < 1e-6)
    }
  }
}
