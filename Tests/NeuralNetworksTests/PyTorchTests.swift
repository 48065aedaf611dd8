import NeuralNetworks
import Tensors
import Testing

@Suite("Agreement with PyTorch")
struct PyTorchTests {
  private let compute = Compute(threads: 2)
  private let columns = 7
  private let outputs = 4

  private func tensor(_ values: [Float]?, columns: Int) throws -> Tensor {
    let values = try #require(values)
    return Tensor(rows: values.count / columns, columns: columns, values: values)
  }

  private func expectEqual(_ found: Tensor, _ expected: [Float]?, _ location: SourceLocation = #_sourceLocation) throws
  {
    let difference = greatestDifference(found.values, try #require(expected, sourceLocation: location))
    #expect(difference < 5e-6, sourceLocation: location)
  }

  private func pass(_ name: String) throws -> Fixture.Pass { try #require(Fixture.layers()[name]) }

  private func expectPasses(_ layer: any Layer, columns outputs: Int, _ pass: Fixture.Pass) throws {
    let context = PassContext(compute: compute, isTraining: true)
    let input = try tensor(pass.input, columns: columns)
    try expectEqual(layer.output(of: input, context), pass.output)
    let gradient = try tensor(pass.outputGradient, columns: outputs)
    try expectEqual(layer.inputGradient(gradient, context), pass.inputGradient)
  }

  @Test("linear layers, with float and with binary weights", arguments: ["linear", "binaryLinear"])
  func linear(name: String) throws {
    let pass = try pass(name)
    let layer = Linear(
      name: name, inputs: columns, outputs: outputs, isBinary: name == "binaryLinear", hasBias: true,
      scalesUpdates: false, precision: .float32)
    layer.weights.value.set(try #require(pass.weight))
    layer.bias?.value.set(try #require(pass.bias))
    compute.prepareOperand(of: layer.weights, .signs)
    try expectPasses(layer, columns: outputs, pass)
    try expectEqual(layer.weights.gradient, pass.weightGradient)
    try expectEqual(#require(layer.bias).gradient, pass.biasGradient)
  }

  // PyTorch differentiates the mean magnitude; the paper's gradient omits its signs.
  @Test("scaled signs, as in XNOR-Net", arguments: [WeightScaling.Gradient.exact, .paper])
  func scaledSigns(gradient: WeightScaling.Gradient) throws {
    let pass = try pass("xnorLinear")
    let layer = Linear(
      name: "x", inputs: columns, outputs: outputs, isBinary: true, hasBias: true, scalesUpdates: false,
      scaling: WeightScaling(channels: columns, gradient: gradient), precision: .float32)
    let weights = try #require(pass.weight)
    layer.weights.value.set(weights)
    layer.bias?.value.set(try #require(pass.bias))
    compute.prepareOperand(of: layer.weights, .signs)
    try expectPasses(layer, columns: outputs, pass)
    guard gradient == .paper else { return try expectEqual(layer.weights.gradient, pass.weightGradient) }
    let (input, outputGradient) = (try #require(pass.input), try #require(pass.outputGradient))
    let scales = (0..<outputs).map { row in
      weights[row * columns..<(row + 1) * columns].reduce(0) { $0 + abs($1) } / Float(columns)
    }
    let expected = weights.indices.map { place in
      let (row, column) = (place / columns, place % columns)
      let product = (0..<input.count / columns).reduce(Float(0)) {
        $0 + outputGradient[$1 * outputs + row] * input[$1 * columns + column]
      }
      return product * (1 / Float(columns) + (abs(weights[place]) <= 1 ? scales[row] : 0))
    }
    try expectEqual(layer.weights.gradient, expected)
  }

  @Test("an update centres scaled weights over their channels, clips them and renews their scales and signs")
  func centering() {
    let parameter = Parameter(
      name: "w", rows: 3, columns: 8, isBinary: true, operandPrecision: .float32,
      scaling: WeightScaling(channels: 4, gradient: .exact))
    parameter.value.copy(from: Tensor(rows: 3, columns: 8, seed: 5, from: -0.4, to: 1))
    compute.prepareOperand(of: parameter, .signs)
    let before = parameter.value.values
    let outcome = compute.update(parameter, rule: .sgd(momentum: 0), rate: 0.1, weightDecay: 0, clipValue: 0.5)
    let after = parameter.value.values
    for first in stride(from: 0, to: before.count, by: 4) {
      let mean = before[first..<first + 4].reduce(0, +) / 4
      for place in first..<first + 4 {
        #expect(abs(after[place] - min(0.5, max(-0.5, before[place] - mean))) < 1e-6)
      }
    }
    #expect(outcome.flips == zip(before, after).count { ($0 < 0) != ($1 < 0) })
    #expect(outcome.flips > 0)
    #expect(parameter.signs?.bits.signs == after.map { $0 < 0 ? -1 : 1 })
    for row in 0..<3 {
      let size = after[row * 8..<row * 8 + 8].reduce(0) { $0 + abs($1) } / 8
      #expect(abs((parameter.scales?.values[row] ?? 0) - size) < 1e-6)
    }
  }

  @Test("a single channel is not centred: nothing would be left of it")
  func singleChannel() {
    let parameter = Parameter(
      name: "w", rows: 2, columns: 9, isBinary: true, operandPrecision: .float32,
      scaling: WeightScaling(channels: 1, gradient: .exact))
    parameter.value.copy(from: Tensor(rows: 2, columns: 9, seed: 5))
    compute.prepareOperand(of: parameter, .signs)
    let before = parameter.value.values
    _ = compute.update(parameter, rule: .sgd(momentum: 0), rate: 0.1, weightDecay: 0, clipValue: 1)
    #expect(parameter.value.values == before)
  }

  @Test("the rectifier")
  func relu() throws {
    try expectPasses(ReLU(name: "relu"), columns: columns, pass("relu"))
  }

  @Test("the sign's straight-through gradient", arguments: [("sign1", 1), ("sign0.5", 0.5)] as [(String, Float)])
  func sign(name: String, window: Float) throws {
    try expectPasses(
      SignActivation(name: "sign", features: columns, estimator: .init(window: window)), columns: columns, pass(name))
  }

  @Test(
    "the sign's shaped gradients, alone and behind a normalization",
    arguments: [("identity", 1e-3), ("approx", 1e-3), ("swish", 1e-3), ("annealed", 0.3), ("annealed", 4)]
      as [(String, Float)])
  func estimators(name: String, temperature: Float) throws {
    let pass = try pass(name == "annealed" ? "annealed\(temperature)" : name)
    let estimator = SignEstimator(try #require(SignEstimator.Kind(rawValue: name)), temperature: temperature)
    let alone = SignActivation(name: "sign", features: columns, estimator: estimator)
    try expectPasses(alone, columns: columns, pass)
    // If fused, the input of the sign is recomputed, not stored.
    let context = PassContext(compute: compute, isTraining: true)
    let input = Tensor(rows: 6, columns: columns, seed: 3, from: -2, to: 2)
    let gradient = Tensor(rows: 6, columns: columns, seed: 4)
    func layer(_ activation: BatchNormalization.Activation) -> BatchNormalization {
      let layer = BatchNormalization(
        name: "n", features: columns, numbers: .init(epsilon: 1e-3, momentum: 0.9), activation: activation,
        estimator: estimator)
      layer.scale.value.copy(from: Tensor(rows: 1, columns: columns, seed: 5, from: 0.5, to: 1.5))
      layer.shift.value.copy(from: Tensor(rows: 1, columns: columns, seed: 6))
      return layer
    }
    let (fused, plain) = (layer(.sign), layer(.identity))
    let output = fused.output(of: input, context)
    #expect(output.values == alone.output(of: plain.output(of: input, context), context).values)
    let inner = alone.inputGradient(gradient, context)
    let expected = plain.inputGradient(inner, context)
    #expect(greatestDifference(fused.inputGradient(gradient, context).values, expected.values) < 1e-5)
    #expect(greatestDifference(fused.scale.gradient.values, plain.scale.gradient.values) < 1e-5)
  }

  private func normalization(
    _ pass: Fixture.Pass, _ kind: BatchNormalizationNumbers.Kind? = nil
  ) throws -> BatchNormalization {
    let training = try Fixture.training()
    let layer = BatchNormalization(
      name: "n", features: columns,
      numbers: .init(epsilon: training.epsilon, momentum: training.momentum, kind: kind))
    layer.scale.value.set(try #require(pass.scale))
    layer.shift.value.set(try #require(pass.shift))
    layer.runningMean.set(try #require(pass.runningMean))
    layer.runningVariance.set(try #require(pass.runningVariance))
    return layer
  }

  @Test("batch normalization in training")
  func batchNormalization() throws {
    let pass = try pass("batchNormalization")
    let layer = try normalization(pass)
    try expectPasses(layer, columns: columns, pass)
    try expectEqual(layer.scale.gradient, pass.scaleGradient)
    try expectEqual(layer.shift.gradient, pass.shiftGradient)
    try expectEqual(layer.runningMean, pass.newRunningMean)
    try expectEqual(layer.runningVariance, pass.newRunningVariance)
  }

  @Test("batch normalization in inference")
  func inference() throws {
    let pass = try pass("batchNormalizationInference")
    let layer = try normalization(pass)
    let context = PassContext(compute: compute, isTraining: false)
    try expectEqual(layer.output(of: tensor(pass.input, columns: columns), context), pass.output)
    try expectEqual(layer.runningMean, pass.newRunningMean)
    try expectEqual(layer.runningVariance, pass.newRunningVariance)
  }

  @Test("batch normalization by shifts, in training and in inference")
  func shiftNormalization() throws {
    let pass = try #require(Fixture.learning().layers["shiftNormalization"])
    let layer = try normalization(pass, .shift)
    try expectPasses(layer, columns: columns, pass)
    try expectEqual(layer.scale.gradient, pass.scaleGradient)
    try expectEqual(layer.shift.gradient, pass.shiftGradient)
    try expectEqual(layer.runningMean, pass.newRunningMean)
    try expectEqual(layer.runningVariance, pass.newRunningVariance)
    let inference = try #require(Fixture.learning().layers["shiftNormalizationInference"])
    let context = PassContext(compute: compute, isTraining: false)
    let output = try normalization(inference, .shift).output(
      of: tensor(inference.input, columns: columns), context)
    try expectEqual(output, inference.output)
  }

  @Test("losses", arguments: Loss.allCases)
  func loss(loss: Loss) throws {
    let pass = try pass(loss.rawValue)
    let logits = try tensor(pass.logits, columns: outputs)
    let gradient = Tensor(rows: 0, columns: outputs)
    let value = loss.value(logits, labels: try #require(pass.labels), gradient: gradient, compute)
    let expected = try #require(pass.value)
    #expect(abs(value - expected) < 1e-6)
    try expectEqual(gradient, pass.gradient)
  }

  @Test("cross-entropy with smoothed labels", arguments: ["0.1", "0.5", "1.0"])
  func labelSmoothing(smoothing: String) throws {
    let pass = try #require(Fixture.learning().layers["labelSmoothing\(smoothing)"])
    let logits = try tensor(pass.logits, columns: outputs)
    let gradient = Tensor(rows: 0, columns: outputs)
    let value = Loss.crossEntropy.value(
      logits, labels: try #require(pass.labels), smoothing: try #require(Float(smoothing)), gradient: gradient, compute)
    #expect(abs(value - (try #require(pass.value))) < 1e-6)
    try expectEqual(gradient, pass.gradient)
  }

  @Test("distillation from a teacher's logits", arguments: ["0.3, 1.0", "0.5, 4.0", "1.0, 2.5"])
  func distillation(numbers: String) throws {
    let pass = try #require(Fixture.learning().layers["distillation \(numbers)"])
    let values = numbers.split(separator: ",").compactMap { Float($0.trimmingPrefix(" ")) }
    let logits = try tensor(pass.logits, columns: outputs)
    let gradient = Tensor(rows: 0, columns: outputs)
    let labels = try #require(pass.labels)
    let plain = Loss.crossEntropy.value(logits, labels: labels, gradient: gradient, compute)
    let value = compute.distill(
      plain, logits: logits, teacher: try tensor(pass.teacher, columns: outputs), weight: values[0],
      temperature: values[1], gradient: gradient)
    #expect(abs(value - (try #require(pass.value))) < 1e-5)
    try expectEqual(gradient, pass.gradient)
  }

  @Test(
    "ten training steps end at the same weights",
    arguments: ["baseline", "binaryConnect", "bnn"], [1, 2])
  func training(method: String, threads: Int) throws {
    let training = try Fixture.training()
    let cases = training.cases.filter { $0.method == method }
    #expect(cases.count >= 5)
    for item in cases { try expectSameTraining(item, training, Compute(threads: threads)) }
  }

  @Test("ten steps of AdaMax, by shifts too, and of training in two stages end at the same weights", arguments: [1, 2])
  func moreOptimizers(threads: Int) throws {
    let training = try Fixture.learning().training
    #expect(training.cases.count == 15)
    for item in training.cases { try expectSameTraining(item, training, Compute(threads: threads)) }
  }

  private func expectSameTraining(_ item: Fixture.Case, _ training: Fixture.Training, _ compute: Compute) throws {
    let settings = item.optimizer
    let isBinary = item.method != "baseline"
    let plan = NetworkPlan(
      hidden: Array(training.widths[1..<3]),
      method: isBinary ? item.method == "bnn" ? .bnn : .binaryConnect : .baseline,
      batchNormalization: isBinary
        ? .init(
          epsilon: training.epsilon, momentum: training.momentum, kind: settings.normalization == "shift" ? .shift : nil
        )
        : nil,
      normalizesOutput: isBinary, scalesUpdates: settings.scalesUpdates ?? false)
    let network = try plan.makeNetwork(
      inputs: training.widths[0], classes: training.widths[3], precision: .float32, seed: 0, compute)
    #expect(network.parameters.count == item.initial.count)
    for (parameter, values) in zip(network.parameters, item.initial) { parameter.value.set(values) }
    network.prepareOperands(.signs, compute)
    var optimizer = Optimizer(
      kind: try #require(Optimizer.Kind(rawValue: settings.kind)), momentum: settings.momentum ?? 0,
      weightDecay: settings.weightDecay ?? 0, clipValue: settings.clipValue ?? 1)
    let loss = try #require(Loss(rawValue: item.loss))
    let gradient = Tensor(rows: 0, columns: training.widths[3])
    for (step, (values, labels)) in zip(training.inputs, training.labels).enumerated() {
      let context = PassContext(compute: compute, isTraining: true, step: step)
      let isFloat = step < settings.binaryFrom ?? 0
      if isFloat || step == settings.binaryFrom { network.prepareOperands(isFloat ? .values : .signs, compute) }
      let logits = network.forward(try tensor(values, columns: training.widths[0]), context)
      let value = loss.value(logits, labels: labels, gradient: gradient, compute)
      #expect(abs(value - item.losses[step]) < 1e-5, "\(item.name), step \(step)")
      network.backward(gradient, context)
      let before = network.binaryParameters.map(\.value.values)
      let flips = optimizer.update(network.parameters, learningRate: settings.rate, context).flips
      let changed = zip(before, network.binaryParameters).reduce(0) { sum, pair in
        sum + zip(pair.0, pair.1.value.values).count { ($0 < 0) != ($1 < 0) }
      }
      #expect(flips == (isFloat ? 0 : changed), "\(item.name), step \(step)")
    }
    for (parameter, values) in zip(network.parameters, item.final) {
      #expect(greatestDifference(parameter.value.values, values) < 1e-5, "\(item.name), \(parameter.name)")
    }
    for (statistics, values) in zip(network.buffers.map(\.tensor), item.running) {
      #expect(greatestDifference(statistics.values, values) < 1e-5, "\(item.name), running statistics")
    }
  }
}
