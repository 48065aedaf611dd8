import Foundation
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

  static let threshold = Float(0.5)

  private func layer(_ quantizer: any WeightQuantizer, precision: Precision = .float32) -> Linear {
    Linear(
      name: "l", inputs: inputs, outputs: outputs, isBinary: true, hasBias: true, scalesUpdates: false,
      quantizer: quantizer, precision: precision)
  }

  @Test(
    "ternary weights agree with PyTorch",
    arguments: [
      ("ternary", TernaryWeights()), ("ternaryScaled", TernaryWeights(isScaled: true)),
      ("ternaryFixed", TernaryWeights(threshold: threshold)),
    ] as [(String, any WeightQuantizer)])
  func ternary(name: String, quantizer: any WeightQuantizer) throws {
    let layer = layer(quantizer)
    try expectPyTorch(name, layer)
    let values = Set(layer.weights.operandValues ?? [])
    #expect(values == [-1, 0, 1])
    #expect((layer.weights.appliedScales != nil) == (name == "ternaryScaled"))
    #expect(layer.weights.gradient.values.count == inputs * outputs)
  }

  @Test("DoReFa's weights agree with PyTorch", arguments: [1, 2, 4, 8])
  func doReFa(bits: Int) throws {
    let layer = layer(DoReFaWeights(bits: bits))
    try expectPyTorch("dorefa\(bits)", layer)
    let steps = Float(1 << bits - 1)
    let isLevel = (layer.weights.operandValues ?? []).allSatisfy { level in
      abs(level) <= steps && level.truncatingRemainder(dividingBy: 2).magnitude == 1
    }
    #expect(isLevel)
    #expect(layer.weights.countsFlips == (bits == 1))
  }

  @Test("integers of 8 bits agree with PyTorch, and stand for floats")
  func integers() throws {
    let layer = layer(IntegerWeights(bits: 8))
    try expectPyTorch("integers", layer)
    let levels = try #require(layer.weights.operandValues)
    #expect(levels.allSatisfy { abs($0) <= 127 && $0 == $0.rounded() })
    #expect((0..<outputs).allSatisfy { row in levels[row * inputs..<(row + 1) * inputs].contains { abs($0) == 127 } })
    #expect(!layer.weights.countsFlips)
    layer.weights.value.fill(0)
    compute.prepareOperand(of: layer.weights, .signs)
    #expect(layer.weights.operandValues?.allSatisfy { $0 == 0 } == true)
    #expect(layer.weights.appliedScales?.values == Array(repeating: 0, count: outputs))
  }

  @Test("DoReFa's activations agree with PyTorch", arguments: [1, 2, 4, 8])
  func activations(bits: Int) throws {
    let pass = try #require(Fixture.quantizers()["activation\(bits)"])
    let layer = QuantizedActivation(name: "a", features: inputs, bits: bits)
    let context = PassContext(compute: compute, isTraining: true)
    let input = Tensor(rows: 5, columns: inputs, values: try #require(pass.input))
    #expect(input.values.contains { $0 < 0 } && input.values.contains { $0 > 1 })
    try expectEqual(layer.output(of: input, context), pass.output)
    let gradient = Tensor(rows: 5, columns: inputs, values: try #require(pass.outputGradient))
    try expectEqual(layer.inputGradient(gradient, context), pass.inputGradient)
  }

  @Test("the ends of DoReFa's activations pass the gradient, and NaN is seen")
  func activationEnds() {
    let input = Tensor(rows: 1, columns: 5, values: [0, 1, -1e-6, 1.000_001, .nan])
    let layer = QuantizedActivation(name: "a", features: 5, bits: 2)
    let context = PassContext(compute: compute, isTraining: true)
    let output = layer.output(of: input, context).values
    #expect(Array(output[..<4]) == [0, 1, 0, 1] && output[4].isNaN)
    let ones = Tensor(rows: 1, columns: 5)
    ones.fill(1)
    #expect(layer.inputGradient(ones, context).values == [1, 1, 0, 0, 0])
  }

  @Test("several greatest weights share the gradient of the greatest; weights of 0 have levels")
  func ties() {
    func gradient(_ values: [Float]) -> [Float] {
      let parameter = Parameter(
        name: "w", rows: 2, columns: 2, isBinary: true, operandPrecision: .float32, quantizer: DoReFaWeights(bits: 2))
      parameter.value.copy(from: Tensor(rows: 2, columns: 2, values: values))
      compute.prepareOperand(of: parameter, .signs)
      parameter.gradient.copy(from: Tensor(rows: 2, columns: 2, values: [1, 2, 3, 4]))
      compute.passScaling(of: parameter)
      return parameter.gradient.values
    }
    let found = gradient([0.5, -0.5, 0.25, 0])
    let (m, t) = (tanh(0.5), tanh(0.25))
    let share = (1 * m - 2 * m + 3 * t) / (m * m) / 2
    let expected = [(1 / m - share) * (1 - m * m), (2 / m + share) * (1 - m * m), 3 / m * (1 - t * t), 4 / m]
    #expect(greatestDifference(found, expected.map { Float($0) }) < 1e-5)
    let ofZeros = gradient([0, 0, 0, 0])
    #expect(ofZeros.allSatisfy { $0.isFinite })
  }

  @Test("a row without a weight beyond the threshold has scale 0")
  func emptyRow() {
    let parameter = Parameter(
      name: "w", rows: 2, columns: 3, isBinary: true, operandPrecision: .float32,
      quantizer: TernaryWeights(threshold: Self.threshold, isScaled: true))
    parameter.value.copy(from: Tensor(rows: 2, columns: 3, values: [0.5, -0.5, 0.25, 0.75, -1, 0.5]))
    compute.prepareOperand(of: parameter, .signs)
    #expect(parameter.operandValues == [0, 0, 0, 1, -1, 0])
    #expect(parameter.appliedScales?.values == [0, 0.875])
  }

  static let quantizers: [any WeightQuantizer] = [
    TernaryWeights(), TernaryWeights(isScaled: true), TernaryWeights(threshold: threshold),
  ]
  static let all: [any WeightQuantizer] =
    quantizers + [1, 2, 8].map { DoReFaWeights(bits: $0) } + [IntegerWeights(bits: 8)]

  // More columns than a block, and not a multiple of it.
  private func parameter(_ quantizer: (any WeightQuantizer)?, precision: Precision = .float32) -> Parameter {
    let parameter = Parameter(
      name: "w", rows: 37, columns: 205, isBinary: true, operandPrecision: precision, quantizer: quantizer)
    parameter.value.copy(from: Tensor(rows: 37, columns: 205, seed: 5))
    return parameter
  }

  @Test("flips are the updates' changes of value, weight by weight", arguments: quantizers)
  func flips(quantizer: any WeightQuantizer) {
    let parameter = parameter(quantizer)
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
      // Validation recomputes the weights, which is not a flip.
      compute.prepareOperand(of: parameter, .signs)
      #expect(parameter.operandValues == after)
      before = after
    }
    #expect(parameter.flipCountValues == counts)
    #expect(parameter.totalFlips == counts.reduce(0) { $0 + Int($1) })
    for times in 0..<5 { #expect(parameter.weightsByFlips[times] == counts.count { Int($0) == times }) }
  }

  @Test("nothing flips while products use the latent weights themselves", arguments: quantizers)
  func values(quantizer: any WeightQuantizer) {
    let parameter = parameter(quantizer)
    compute.prepareOperand(of: parameter, .values)
    parameter.gradient.copy(from: Tensor(rows: 37, columns: 205, seed: 6))
    let outcome = compute.update(parameter, rule: .sgd(momentum: 0), rate: 0.3, weightDecay: 0, clipValue: 1)
    #expect(outcome.flips == 0 && parameter.newestFlips == 0 && parameter.totalFlips == 0)
    #expect(parameter.operandValues == parameter.value.values)
  }

  @Test("DoReFa's passes do not depend on threads; only those of one bit count flips", arguments: [1, 2, 5])
  func doReFaUpdate(bits: Int) {
    func updated(threads: Int) -> (Parameter, UpdateOutcome) {
      let (parameter, compute) = (parameter(DoReFaWeights(bits: bits)), Compute(threads: threads))
      compute.prepareOperand(of: parameter, .signs)
      parameter.gradient.copy(from: Tensor(rows: 37, columns: 205, seed: 6))
      compute.passScaling(of: parameter)
      let outcome = compute.update(
        parameter, rule: .sgd(momentum: 0), rate: 0.6, weightDecay: 0, clipValue: 0.1)
      return (parameter, outcome)
    }
    let (one, outcome) = updated(threads: 1)
    #expect(one.value.values.contains { abs($0) > 1 }, "they are not clipped")
    #expect((outcome.flips > 0) == (bits == 1))
    for threads in [2, 3] {
      let (other, _) = updated(threads: threads)
      #expect(other.value.values == one.value.values)
      #expect(other.operandValues == one.operandValues)
      #expect(other.scales?.values == one.scales?.values)
    }
  }

  @Test("latent weights move as those of ±1 do, and threads do not matter", arguments: quantizers)
  func update(quantizer: any WeightQuantizer) {
    func updated(_ quantizer: (any WeightQuantizer)?, threads: Int) -> Parameter {
      let (parameter, compute) = (parameter(quantizer), Compute(threads: threads))
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
    let one = updated(quantizer, threads: 1)
    #expect(one.value.values == updated(nil, threads: 1).value.values)
    for threads in [2, 3] {
      let other = updated(quantizer, threads: threads)
      #expect(other.value.values == one.value.values)
      #expect(other.operandValues == one.operandValues)
      #expect(other.scales?.values == one.scales?.values)
    }
  }

  @Test(
    "bfloat16 holds the values exactly", .enabled(if: Precision.bfloat16.isSupported), arguments: all)
  func precision(quantizer: any WeightQuantizer) {
    let (first, second) = (parameter(quantizer), parameter(quantizer, precision: .bfloat16))
    for parameter in [first, second] { compute.prepareOperand(of: parameter, .signs) }
    #expect(first.operandValues == second.operandValues)
    compute.prepareOperand(of: second, .values)
    #expect(second.operandValues == second.value.values)
    #expect(second.appliedScales == nil)
  }

  // The same layer with float weights that have the quantized values.
  private func expectLikeFloat(
    _ quantized: any Layer, _ float: any Layer, _ weights: (quantized: Parameter, float: Parameter), input: Tensor,
    outputs: Int, tolerance: Float
  ) {
    compute.prepareOperand(of: weights.quantized, .signs)
    let columns = weights.quantized.value.columns
    let levels = weights.quantized.operandValues ?? []
    let scales = weights.quantized.appliedScales?.values
    weights.float.value.set(levels.indices.map { levels[$0] * (scales?[$0 / columns] ?? 1) })
    compute.prepareOperand(of: weights.float, .signs)
    let context = PassContext(compute: compute, isTraining: true)
    let output = float.output(of: input, context)
    let gradient = Tensor(rows: output.rows, columns: outputs, seed: 8)
    #expect(greatestDifference(quantized.output(of: input, context).values, output.values) < tolerance)
    let inputGradient = float.inputGradient(gradient, context)
    #expect(greatestDifference(quantized.inputGradient(gradient, context).values, inputGradient.values) < tolerance)
    guard weights.quantized.facts?.kind == "ternary" else { return }
    #expect(greatestDifference(weights.quantized.gradient.values, weights.float.gradient.values) < tolerance)
  }

  // With many channels, products of unscaled weights use Winograd's tiles.
  @Test("a convolution multiplies by the same weights, forwards and backwards", arguments: all, [3, 16])
  func convolution(quantizer: any WeightQuantizer, channels: Int) throws {
    let shape = ImageShape(height: 5, width: 4, channels: channels)
    let windows = try #require(ImageWindows(shape, kernel: (3, 3), stride: (1, 1), padding: .same))
    func layer(isBinary: Bool) -> Convolution {
      let layer = Convolution(
        name: "c", windows: windows, filters: 17, isBinary: isBinary, hasBias: true, scalesUpdates: false,
        quantizer: quantizer, precision: .float32)
      layer.weights.value.copy(from: Tensor(rows: 17, columns: windows.features, seed: 3))
      return layer
    }
    let (quantized, float) = (layer(isBinary: true), layer(isBinary: false))
    expectLikeFloat(
      quantized, float, (quantized.weights, float.weights), input: Tensor(rows: 40, columns: channels, seed: 7),
      outputs: 17, tolerance: 5e-5)
  }

  @Test(
    "a linear layer does so in bfloat16", .enabled(if: Precision.bfloat16.isSupported), arguments: all)
  func bfloat16(quantizer: any WeightQuantizer) {
    func layer(isBinary: Bool) -> Linear {
      let layer = Linear(
        name: "l", inputs: 60, outputs: 9, isBinary: isBinary, hasBias: true, scalesUpdates: false,
        quantizer: quantizer, precision: .bfloat16)
      layer.weights.value.copy(from: Tensor(rows: 9, columns: 60, seed: 3))
      return layer
    }
    let (quantized, float) = (layer(isBinary: true), layer(isBinary: false))
    expectLikeFloat(
      quantized, float, (quantized.weights, float.weights), input: Tensor(rows: 20, columns: 60, seed: 7), outputs: 9,
      tolerance: 0.05)
  }
}
