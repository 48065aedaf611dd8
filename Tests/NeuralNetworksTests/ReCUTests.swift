import EngineProtocol
import NeuralNetworks
import Tensors
import Testing

@Suite struct ReCUTests {
  private let compute = Compute(threads: 2)

  private struct Pass: Decodable {
    var input, inputGradient, output, outputGradient: [Float]
    var bias, biasGradient, scale, scaleGradient: [Float]
    var weight, weightGradient: [Float]
  }

  private func expectEqual(
    _ found: Tensor, _ expected: [Float], within tolerance: Float = 5e-6, _ location: SourceLocation = #_sourceLocation
  ) {
    #expect(greatestDifference(found.values, expected) < tolerance, sourceLocation: location)
  }

  private static let weights = ReCUWeights(quantile: 0.85, finalQuantile: 0.99)

  private func layer(outputs: Int = 6, inputs: Int = 37, precision: Precision = .float32) -> Linear {
    Linear(
      name: "l", inputs: inputs, outputs: outputs, isBinary: true, hasBias: true, scalesUpdates: false,
      quantizer: Self.weights, precision: precision)
  }

  @Test("a layer agrees with PyTorch, forwards and backwards", arguments: [("begin", 0.0), ("middle", 0.5)])
  func pass(name: String, progress: Double) throws {
    let pass = (try Fixture.read("recu") as [String: Pass])[name]
    let expected = try #require(pass)
    let layer = layer()
    let scales = try #require(layer.weights.learnedScales)
    layer.weights.value.set(expected.weight)
    scales.value.set(expected.scale)
    #expect(scales.value.values.contains { $0 < 0 })
    layer.bias?.value.set(expected.bias)
    layer.weights.setQuantizer(Self.weights, progress: progress)
    compute.prepareOperand(of: layer.weights, .signs)
    let context = PassContext(compute: compute, isTraining: true)
    let input = Tensor(rows: 5, columns: 37, values: expected.input)
    expectEqual(layer.output(of: input, context), expected.output)
    let gradient = Tensor(rows: 5, columns: 6, values: expected.outputGradient)
    expectEqual(layer.inputGradient(gradient, context), expected.inputGradient)
    expectEqual(scales.gradient, expected.scaleGradient)
    expectEqual(try #require(layer.bias).gradient, expected.biasGradient)
    // Gradients of standardized weights are larger, as the deviations are small.
    expectEqual(layer.weights.gradient, expected.weightGradient, within: 2e-5)
    #expect(layer.parameters.map(\.name) == ["l.weights", "l.weights.scale", "l.bias"])
  }

  @Test("products with signs are those of bits, and the same as of floats")
  func bits() throws {
    let layer = layer(outputs: 9, inputs: 130)
    layer.weights.value.copy(from: Tensor(rows: 9, columns: 130, seed: 3, from: -0.2, to: 1))
    layer.weights.learnedScales?.value.copy(from: Tensor(rows: 1, columns: 9, seed: 5))
    compute.prepareOperand(of: layer.weights, .signs)
    let signs = try #require(layer.weights.operandValues)
    let values = layer.weights.value.values
    for row in 0..<9 {
      let mean = values[row * 130..<row * 130 + 130].reduce(0) { $0 + Double($1) } / 130
      #expect(
        (0..<130).allSatisfy { signs[row * 130 + $0] == (Double(values[row * 130 + $0]) < mean ? -1 : 1) }, "row \(row)"
      )
    }
    let float = Linear(
      name: "f", inputs: 130, outputs: 9, isBinary: false, hasBias: true, scalesUpdates: false, precision: .float32)
    let scales = try #require(layer.weights.appliedScales?.values)
    float.weights.value.set(signs.indices.map { signs[$0] * scales[$0 / 130] })
    let context = PassContext(compute: compute, isTraining: true)
    let sign = SignActivation(
      name: "s", features: 130, estimator: SignEstimator(.approx, window: 1, temperature: 1), stream: 0)
    let input = Tensor(rows: 6, columns: 130, seed: 8)
    guard case .real(let found) = layer.forward(sign.forward(.real(input.copied()), context), context),
      case .real(let expected) = float.forward(
        .real(Tensor(rows: 6, columns: 130, values: input.values.map { $0 < 0 ? -1 : 1 })), context)
    else {
      Issue.record("a linear layer gives real numbers")
      return
    }
    #expect(greatestDifference(found.values, expected.values) < 1e-4)
  }

  @Test("flips are the changes of sign, and threads do not matter")
  func updates() {
    func updated(threads: Int) -> (Parameter, Int) {
      let compute = Compute(threads: threads)
      let parameter = Parameter(
        name: "w", rows: 200, columns: 205, isBinary: true, operandPrecision: .float32, quantizer: Self.weights)
      parameter.value.copy(from: Tensor(rows: 200, columns: 205, seed: 5))
      parameter.learnedScales?.value.fill(0.5)
      compute.prepareOperand(of: parameter, .signs)
      let before = parameter.operandValues ?? []
      parameter.gradient.copy(from: Tensor(rows: 200, columns: 205, seed: 6))
      compute.passScaling(of: parameter)
      let outcome = compute.update(parameter, rule: .sgd(momentum: 0), rate: 2, weightDecay: 0, clipValue: 0.1)
      let flips = zip(before, parameter.operandValues ?? []).count { $0 != $1 }
      #expect(flips > 0 && outcome.flips == flips && parameter.newestFlips == flips)
      return (parameter, flips)
    }
    let (one, _) = updated(threads: 1)
    #expect(one.value.values.contains { abs($0) > 0.5 }, "they are not clipped")
    let (two, _) = updated(threads: 2)
    #expect(two.value.values == one.value.values)
    #expect(two.operandValues == one.operandValues)
    #expect(two.learnedScales?.gradient.values == one.learnedScales?.gradient.values)
  }

  @Test("the layout counts a bit for each weight, and a scale for each row")
  func layout() throws {
    let plan = NetworkPlan(hidden: [100, 50], method: .reCU, batchNormalization: .init(epsilon: 1e-4, momentum: 0.9))
    let layout = try NetworkLayout(plan, input: ImageShape(features: 70), classes: 10)
    #expect(layout.parameterCount == 70 * 100 + 100 * 50 + 50 * 10 + (100 + 50 + 10) + 2 * (100 + 50) + 10)
    #expect(layout.products(.binary) == 100 * 50 + 50 * 10 && layout.products(.binaryWeight) == 70 * 100)
    let network = layout.makeNetwork(plan, precision: .float32, seed: 1, compute)
    #expect(network.parameterCount == layout.parameterCount)
    let scales = network.parameters.compactMap(\.learnedScales).flatMap(\.value.values)
    #expect(scales.count == 160 && scales.allSatisfy { (0...1).contains($0) } && Set(scales).count > 150)
  }
}
