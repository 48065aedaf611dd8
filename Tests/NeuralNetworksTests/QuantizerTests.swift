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

  static let threshold = WeightQuantization.Threshold.fixed(0.5)

  private func layer(_ quantization: WeightQuantization, precision: Precision = .float32) -> Linear {
    Linear(
      name: "l", inputs: inputs, outputs: outputs, isBinary: true, hasBias: true, scalesUpdates: false,
      quantization: quantization, precision: precision)
  }

  @Test(
    "ternary weights agree with PyTorch",
    arguments: [
      ("ternary", .ternary(.meanSize, isScaled: false)), ("ternaryScaled", .ternary(.meanSize, isScaled: true)),
      ("ternaryFixed", .ternary(threshold, isScaled: false)),
    ] as [(String, WeightQuantization)])
  func ternary(name: String, quantization: WeightQuantization) throws {
    let layer = layer(quantization)
    try expectPyTorch(name, layer)
    let values = Set(layer.weights.operandValues ?? [])
    #expect(values == [-1, 0, 1])
    #expect((layer.weights.appliedScales != nil) == (name == "ternaryScaled"))
    #expect(layer.weights.gradient.values.count == inputs * outputs)
  }

  @Test("a row without a weight beyond the threshold has scale 0")
  func emptyRow() {
    let parameter = Parameter(
      name: "w", rows: 2, columns: 3, isBinary: true, operandPrecision: .float32,
      quantization: .ternary(Self.threshold, isScaled: true))
    parameter.value.copy(from: Tensor(rows: 2, columns: 3, values: [0.5, -0.5, 0.25, 0.75, -1, 0.5]))
    compute.prepareOperand(of: parameter, .signs)
    #expect(parameter.operandValues == [0, 0, 0, 1, -1, 0])
    #expect(parameter.appliedScales?.values == [0, 0.875])
  }

  static let quantizations: [WeightQuantization] = [
    .ternary(.meanSize, isScaled: false), .ternary(.meanSize, isScaled: true), .ternary(threshold, isScaled: false),
  ]

  // Larger than a block of columns, with a rest.
  private func parameter(_ quantization: WeightQuantization?, precision: Precision = .float32) -> Parameter {
    let parameter = Parameter(
      name: "w", rows: 37, columns: 205, isBinary: true, operandPrecision: precision, quantization: quantization)
    parameter.value.copy(from: Tensor(rows: 37, columns: 205, seed: 5))
    return parameter
  }

  @Test("flips are the updates' changes of value, weight by weight", arguments: quantizations)
  func flips(quantization: WeightQuantization) {
    let parameter = parameter(quantization)
    compute.prepareOperand(of: parameter, .signs)
    var counts = [UInt16](repeating: 0, count: parameter.count)
    var before = parameter.operandValues ?? []
    for update in 1...4 {
      parameter.gradient.copy(from: Tensor(rows: 37, columns: 205, seed: UInt64(10 + update)))
      let outcome = compute.update(
        parameter, rule: .sgd(momentum: 0), rate: 0.3, weightDecay: 0, clipValue: 1)
      let after = parameter.operandValues ?? []
      for place in counts.indices where before[place] != after[place] { counts[place] += 1 }
      let flips = zip(before, after).count { $0 != $1 }
      #expect(flips > 0 && outcome.flips == flips && parameter.newestFlips == flips)
      // A validation makes the weights again; that is no flip.
      compute.prepareOperand(of: parameter, .signs)
      #expect(parameter.operandValues == after)
      before = after
    }
    #expect(parameter.flipCountValues == counts)
    #expect(parameter.totalFlips == counts.reduce(0) { $0 + Int($1) })
    for times in 0..<5 { #expect(parameter.weightsByFlips[times] == counts.count { Int($0) == times }) }
  }

  @Test("latent weights move as those of ±1 do, and threads do not matter", arguments: quantizations)
  func update(quantization: WeightQuantization) {
    func updated(_ quantization: WeightQuantization?, threads: Int) -> Parameter {
      let (parameter, compute) = (parameter(quantization), Compute(threads: threads))
      compute.prepareOperand(of: parameter, .signs)
      parameter.gradient.copy(from: Tensor(rows: 37, columns: 205, seed: 6))
      compute.passScaling(of: parameter)
      var decay = AdamDecay()
      decay.advance(beta1: 0.9, beta2: 0.99)
      _ = compute.update(
        parameter, rule: .adam(beta1: 0.9, beta2: 0.99, epsilon: 1e-6, decay: decay), rate: 0.1,
        weightDecay: 0, clipValue: 0.9)
      return parameter
    }
    let one = updated(quantization, threads: 1)
    #expect(one.value.values == updated(nil, threads: 1).value.values)
    for threads in [2, 3] {
      let other = updated(quantization, threads: threads)
      #expect(other.value.values == one.value.values)
      #expect(other.operandValues == one.operandValues)
      #expect(other.scales?.values == one.scales?.values)
    }
  }

  @Test(
    "bfloat16 holds the values exactly", .enabled(if: Precision.bfloat16.isSupported), arguments: quantizations)
  func precision(quantization: WeightQuantization) {
    let (first, second) = (parameter(quantization), parameter(quantization, precision: .bfloat16))
    for parameter in [first, second] { compute.prepareOperand(of: parameter, .signs) }
    #expect(first.operandValues == second.operandValues)
    compute.prepareOperand(of: second, .values)
    #expect(second.operandValues == second.value.values)
    #expect(second.appliedScales == nil)
  }
}
