import NeuralNetworks
import Tensors
import Testing

@Suite("Gradients")
struct GradientTests {
  private let compute = Compute(threads: 1)
  private var context: PassContext { PassContext(compute: compute, isTraining: true, seed: 3, step: 2) }

  /// dC/dvalue by central differences, for each element.
  private func differences(_ tensor: Tensor, step: Float = 1 / 256, _ cost: () -> Double) -> [Float] {
    (0..<tensor.rows).flatMap { row in
      (0..<tensor.columns).map { column in
        let value = tensor[row, column]
        tensor[row, column] = value + step
        let above = cost()
        tensor[row, column] = value - step
        let below = cost()
        tensor[row, column] = value
        return Float((above - below) / Double(2 * step))
      }
    }
  }

  private func expectClose(_ gradient: Tensor, _ numeric: [Float], _ location: SourceLocation = #_sourceLocation) {
    let size = numeric.map(abs).max() ?? 0
    #expect(size > 1e-3, "the gradient is too small to prove anything", sourceLocation: location)
    #expect(greatestDifference(gradient.values, numeric) < 2e-3 * size + 1e-4, sourceLocation: location)
  }

  // The cost is the sum of the outputs, each times a fixed number.
  private func expectGradients(of layer: any Layer, input: Tensor, outputs: Int) {
    let factors = Tensor(rows: input.rows, columns: outputs, seed: 77)
    let context = context
    func cost() -> Double {
      zip(layer.output(of: input, context).values, factors.values).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    }
    _ = cost()
    let inputGradient = layer.inputGradient(factors, context)
    expectClose(inputGradient, differences(input, cost))
    for parameter in layer.parameters { expectClose(parameter.gradient, differences(parameter.value, cost)) }
  }

  @Test("a linear layer's agree with differences")
  func linear() {
    let layer = Linear(
      name: "l", inputs: 5, outputs: 4, isBinary: false, hasBias: true, scalesUpdates: false, precision: .float32)
    layer.weights.value.copy(from: Tensor(rows: 4, columns: 5, seed: 1))
    layer.bias?.value.copy(from: Tensor(rows: 1, columns: 4, seed: 2))
    expectGradients(of: layer, input: Tensor(rows: 3, columns: 5, seed: 3), outputs: 4)
  }

  @Test("batch normalization's agree with differences")
  func batchNormalization() {
    let layer = BatchNormalization(name: "n", features: 4, numbers: .init(epsilon: 1e-2, momentum: 0.9))
    layer.scale.value.copy(from: Tensor(rows: 1, columns: 4, seed: 1, from: 0.5, to: 2))
    layer.shift.value.copy(from: Tensor(rows: 1, columns: 4, seed: 2))
    expectGradients(of: layer, input: Tensor(rows: 6, columns: 4, seed: 3, from: -2, to: 2), outputs: 4)
  }

  @Test("a normalization's with the rectifier behind it agree with differences away from its kink")
  func rectifiedNormalization() {
    let layer = BatchNormalization(
      name: "n", features: 4, numbers: .init(epsilon: 1e-2, momentum: 0.9), activation: .relu)
    layer.scale.value.copy(from: Tensor(rows: 1, columns: 4, seed: 1, from: 0.5, to: 2))
    layer.shift.value.copy(from: Tensor(rows: 1, columns: 4, seed: 2))
    let input = Tensor(rows: 6, columns: 4, seed: 9, from: -2, to: 2)
    let output = layer.output(of: input, context).values
    #expect(output.contains(0) && output.allSatisfy { $0 == 0 || $0 > 1 / 32 })
    expectGradients(of: layer, input: input, outputs: 4)
  }

  @Test("the rectifier's agrees with differences away from its kink")
  func relu() {
    let input = Tensor(rows: 4, columns: 6, seed: 5)
    #expect(input.values.allSatisfy { abs($0) > 1 / 256 })
    expectGradients(of: ReLU(name: "r"), input: input, outputs: 6)
  }

  @Test("the hard hyperbolic tangent's agrees with differences away from its kinks")
  func hardtanh() {
    let input = Tensor(rows: 4, columns: 6, seed: 5, from: -2, to: 2)
    #expect(input.values.allSatisfy { abs(abs($0) - 1) > 1 / 256 })
    #expect(input.values.contains { abs($0) > 1 } && input.values.contains { abs($0) < 1 })
    expectGradients(of: Hardtanh(name: "h", features: 6), input: input, outputs: 6)
  }

  @Test("dropout's agrees with differences, the mask being the step's")
  func dropout() {
    let layer = Dropout(name: "d", features: 6, rate: 0.4, stream: 9)
    expectGradients(of: layer, input: Tensor(rows: 4, columns: 6, seed: 5), outputs: 6)
  }

  @Test("settings change the rate of a dropout that has none of its own")
  func dropoutRates() throws {
    var plan = NetworkPlan(
      layers: [
        .dropout, .linear(outputs: 9, isBinary: nil), .dropout(rate: 0.75), .linear(outputs: nil, isBinary: nil),
      ],
      dropout: 0.5)
    let network = try plan.makeNetwork(inputs: 4, classes: 2, precision: .float32, seed: 1, compute)
    (plan.inputDropout, plan.dropout) = (0.125, 0.25)
    for layer in network.layers { layer.apply(LayerSettings(plan, progress: 0, drawsSigns: false)) }
    #expect(network.layers.compactMap { ($0 as? Dropout)?.rate } == [0.125, 0.75])
  }

  @Test("dropout does nothing in inference")
  func dropoutInference() {
    let layer = Dropout(name: "d", features: 6, rate: 0.4, stream: 9)
    let input = Tensor(rows: 2, columns: 6, seed: 5)
    let output = layer.forward(.real(input), PassContext(compute: compute, isTraining: false))
    #expect(output.tensor === input)
  }

  private func network(
    activation: LayerPlan.Activation = .relu, hasBinaryWeights: Bool, isNormalized: Bool, dropout: Float = 0
  ) throws -> Network {
    var plan = NetworkPlan(
      hidden: [6, 4], method: hasBinaryWeights ? .binaryConnect : .baseline,
      batchNormalization: isNormalized ? .init(epsilon: 1e-2, momentum: 0.9) : nil, normalizesOutput: isNormalized,
      inputDropout: dropout, dropout: dropout)
    plan.layers = plan.allLayers.map { $0 == .activation(nil) ? .activation(activation) : $0 }
    return try plan.makeNetwork(inputs: 5, classes: 3, precision: .float32, seed: 6, compute)
  }

  private let input = Tensor(rows: 7, columns: 5, seed: 21)
  private let labels: [UInt8] = [0, 1, 2, 1, 0, 2, 2]

  private func cost(_ network: Network, _ loss: Loss, gradient: Tensor? = nil) -> Double {
    loss.value(network.forward(input, context), labels: labels, gradient: gradient, compute)
  }

  private func backward(_ network: Network, _ loss: Loss) {
    let gradient = Tensor(rows: 0, columns: 3)
    _ = cost(network, loss, gradient: gradient)
    network.backward(gradient, context)
  }

  @Test(
    "a whole network's agree with differences, in every parameter", arguments: Loss.allCases, [false, true])
  func wholeNetwork(loss: Loss, isNormalized: Bool) throws {
    let network = try network(hasBinaryWeights: false, isNormalized: isNormalized, dropout: 0.2)
    // If dropout removes all inputs of a unit with bias 0, the rectifier is at its kink.
    for parameter in network.parameters where !parameter.isOperand {
      parameter.value.copy(from: Tensor(rows: 1, columns: parameter.count, seed: 15, from: 0.2, to: 0.8))
    }
    backward(network, loss)
    for parameter in network.parameters {
      expectClose(parameter.gradient, differences(parameter.value, step: 1 / 1_024) { cost(network, loss) })
    }
  }

  // BinaryConnect and the binary network: the gradient is that of a float network whose weights are the signs.
  @Test(
    "latent weights get the gradient of a float network with their signs",
    arguments: LayerPlan.Activation.allCases, [false, true])
  func latentWeights(activation: LayerPlan.Activation, isStochastic: Bool) throws {
    let binary = try network(activation: activation, hasBinaryWeights: true, isNormalized: true)
    let float = try network(activation: activation, hasBinaryWeights: false, isNormalized: true)
    if isStochastic { binary.drawBinaryWeights(clipValue: 1, firstStream: 4, context) }
    for (source, target) in zip(binary.parameters, float.parameters) {
      let seen = source.isBinary ? source.operandValues ?? [] : source.value.values
      target.value.set(seen)
      if isStochastic && source.isBinary { #expect(seen != source.value.values.map { $0 < 0 ? -1 : 1 }) }
    }
    backward(binary, .squaredHinge)
    backward(float, .squaredHinge)
    for (first, second) in zip(binary.parameters, float.parameters) {
      #expect(first.gradient.values.contains { $0 != 0 })
      #expect(greatestDifference(first.gradient.values, second.gradient.values) < 1e-6)
    }
  }

  // As above, with dropout and without normalization: the input of the float network is the signs of the binary one.
  @Test("a binary layer behind dropped signs has the gradient of a float one behind the same numbers")
  func droppedSigns() {
    func layer(isBinary: Bool) -> Linear {
      Linear(
        name: "l", inputs: 70, outputs: 9, isBinary: isBinary, hasBias: true, scalesUpdates: false,
        precision: .float32)
    }
    let (binary, float) = (layer(isBinary: true), layer(isBinary: false))
    binary.weights.value.copy(from: Tensor(rows: 9, columns: 70, seed: 1))
    compute.prepareOperand(of: binary.weights, .signs)
    float.weights.value.set(binary.weights.operandValues ?? [])
    let input = Tensor(rows: 20, columns: 70, seed: 2, from: -2, to: 2)
    let signs = SignActivation(name: "s", features: 70)
    let dropout = Dropout(name: "d", features: 70, rate: 0.3, stream: 5)
    let dropped = dropout.forward(signs.forward(.real(input), context), context)
    guard case .signs(let batch) = dropped else {
      Issue.record("dropped signs are signs")
      return
    }
    let values = Tensor(rows: 0, columns: 70)
    compute.unpack(batch, into: values)
    #expect(values.values.contains(0))
    let output = binary.forward(dropped, context).tensor.values
    #expect(greatestDifference(output, float.output(of: values, context).values) < 1e-4)
    let gradient = Tensor(rows: 20, columns: 9, seed: 3)
    let (first, second) = (binary.inputGradient(gradient, context), float.inputGradient(gradient, context))
    #expect(greatestDifference(first.values, second.values) < 1e-5)
    #expect(greatestDifference(binary.weights.gradient.values, float.weights.gradient.values) < 1e-4)
    // Dropped elements and those outside of the window have no gradient; other gradients are scaled like the values.
    let stopped = signs.inputGradient(dropout.inputGradient(first, context), context)
    for index in first.values.indices {
      let passes = abs(input.values[index]) <= 1 && values.values[index] != 0
      #expect(stopped.values[index] == (passes ? first.values[index] * batch.scale : 0))
    }
  }

  @Test("float weights of the binary network's other parameters agree with differences")
  func binaryNetwork() throws {
    let network = try network(hasBinaryWeights: true, isNormalized: true)
    backward(network, .crossEntropy)
    for parameter in network.parameters where !parameter.isBinary {
      let numeric = differences(parameter.value, step: 1 / 1_024) { cost(network, .crossEntropy) }
      expectClose(parameter.gradient, numeric)
    }
  }

  @Test("bfloat16 gives nearly the same gradients as float32", .enabled(if: Precision.bfloat16.isSupported))
  func precision() throws {
    let plan = NetworkPlan(hidden: [6], initialization: .he)
    let networks = try Precision.allCases.map {
      try plan.makeNetwork(inputs: 5, classes: 3, precision: $0, seed: 6, compute)
    }
    for network in networks { backward(network, .crossEntropy) }
    for (first, second) in zip(networks[0].parameters, networks[1].parameters) {
      let size = first.gradient.values.map(abs).max() ?? 0
      #expect(greatestDifference(first.gradient.values, second.gradient.values) < 0.03 * size)
      #expect(first.gradient.values != second.gradient.values)
    }
  }
}
