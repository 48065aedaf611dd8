import NeuralNetworks
import Tensors
import Testing

@Suite("Residual blocks in networks")
struct ResidualTests {
  private static let image = ImageShape(height: 6, width: 4, channels: 3)
  private static let output = LayerPlan.linear(outputs: nil, isBinary: nil)

  private static func convolution(_ filters: Int, kernel: Int = 3, stride: Int = 1, isBinary: Bool? = nil) -> LayerPlan
  {
    .convolution(filters: filters, kernel: kernel, stride: stride, border: .same, isBinary: isBinary)
  }

  private static let pool = LayerPlan.pooling(.average, size: 2, stride: 2, border: .valid)

  /// One of each shortcut, a block in a block, and a block in a shortcut.
  private static func layers(_ activation: LayerPlan.Activation?) -> [LayerPlan] {
    [
      convolution(3), .batchNormalization,
      .residual([.activation(activation), convolution(3), .batchNormalization], shortcut: .identity),
      .residual(
        [
          .activation(activation), convolution(5, stride: 2), .batchNormalization,
          .residual([.activation(activation), convolution(5), .batchNormalization], shortcut: .identity),
        ],
        shortcut: .layers([
          pool, convolution(5, kernel: 1), .batchNormalization,
          .residual([.activation(.rprelu), convolution(5, kernel: 1)], shortcut: .identity),
        ])),
      .activation(.rprelu),
      .residual([.activation(activation), convolution(6, stride: 2), .batchNormalization], shortcut: .zeroPadding),
      .activation(.rprelu), .globalAveragePooling, output,
    ]
  }

  private func plan(_ layers: [LayerPlan], isBinary: Bool = false) -> NetworkPlan {
    NetworkPlan(
      layers: layers, method: isBinary ? .bnn : .baseline, keepsFirstFloat: isBinary,
      keepsLastFloat: isBinary, batchNormalization: .init(epsilon: 1e-2, momentum: 0.9))
  }

  @Test("names, shapes, weights and products are those of the layers in the blocks")
  func costs() throws {
    let plan = plan(ResidualTests.layers(nil), isBinary: true)
    let layout = try NetworkLayout(plan, input: ResidualTests.image, classes: 10)
    #expect(
      layout.items.map(\.name) == [
        "conv1", "conv1.normalization", "residual1", "conv1.sign", "conv2", "conv2.normalization", "residual1.sum",
        "residual2", "conv2.sign", "conv3", "conv3.normalization", "residual3", "conv3.sign", "conv4",
        "conv4.normalization", "residual3.sum", "residual2.shortcut", "residual2.pool", "residual2.conv",
        "residual2.conv.normalization", "residual2.residual1", "residual2.conv.rprelu", "residual2.conv2",
        "residual2.residual1.sum", "residual2.sum", "conv4.rprelu", "residual4", "conv4.sign", "conv5",
        "conv5.normalization", "residual4.sum", "conv5.rprelu", "conv5.pool", "output",
      ])
    #expect(layout.description == "6×4×3·3c3·3c3·5c3·5c3·6c3·10")
    // By hand: convolutions and linear layer; normalizations, rectifiers and biases.
    let shortcut = 3 * 5 + 5 * 5
    #expect(layout.weightCount == 81 + 81 + 135 + 225 + shortcut + 270 + 60)
    #expect(
      layout.parameterCount == layout.weightCount + 2 * (3 + 3 + 5 + 5 + 5 + 6) + 3 * (5 + 5 + 6) + 5 + 10)
    #expect(layout.products(.float) == 24 * 81 + 6 * shortcut + 60)
    #expect(layout.products(.binary) == 24 * 81 + 6 * (135 + 225) + 2 * 270)
    #expect(layout.products(.binaryWeight) == 0)
    let network = layout.makeNetwork(plan, precision: .float32, seed: 1, Compute(threads: 1))
    #expect(network.parameterCount == layout.parameterCount)
    #expect(network.binaryParameters.map(\.name) == ["conv2", "conv3", "conv4", "conv5"].map { "\($0).weights" })
    #expect(Set(network.namedState.map(\.name)).count == network.namedState.count)
    #expect(network.layers.count { $0 is BatchNormalization } == 6)
  }

  @Test("more than three equal convolutions are counted")
  func description() throws {
    let block = LayerPlan.residual([ResidualTests.convolution(3)], shortcut: .identity)
    let layers = Array(repeating: block, count: 4) + [.flatten, ResidualTests.output]
    let layout = try NetworkLayout(plan(layers), input: ResidualTests.image, classes: 10)
    #expect(layout.description == "6×4×3·4×3c3·10")
  }

  // A shortcut must read the block's input, even if the layers work in place.
  @Test(
    "a block whose layers give nothing hands its input on",
    arguments: [
      [LayerPlan.activation(.relu)], [.dropout, .activation(.relu)], [.activation(.rprelu)], [.activation(.rsign)],
      [.batchNormalization, .activation(.relu)],
    ])
  func identity(first: [LayerPlan]) throws {
    let compute = Compute(threads: 1)
    let block = LayerPlan.residual(first + [ResidualTests.convolution(3)], shortcut: .identity)
    let images = Tensor(rows: 5, columns: ResidualTests.image.features, seed: 3)
    let with = try plan([block, .flatten, ResidualTests.output]).makeNetwork(
      input: ResidualTests.image, classes: 4, seed: 1, compute)
    let without = try plan([.flatten, ResidualTests.output]).makeNetwork(
      input: ResidualTests.image, classes: 4, seed: 1, compute)
    let weights = try #require(with.parameters.first { $0.name == "conv1.weights" })
    weights.value.fill(0)
    compute.prepareOperand(of: weights, .signs)
    for (name, source) in without.namedState {
      let target = try #require(with.parameters.first { $0.name == name })
      target.value.copy(from: source)
      compute.prepareOperand(of: target, .signs)
    }
    let pass = PassContext(compute: compute, isTraining: false)
    let before = images.values
    #expect(with.forward(images, pass).values == without.forward(images, pass).values)
    #expect(images.values == before)
  }

  private func expectDifferences(_ layers: [LayerPlan], _ location: SourceLocation = #_sourceLocation) throws {
    let compute = Compute(threads: 1)
    let network = try plan(layers).makeNetwork(input: ResidualTests.image, classes: 4, seed: 8, compute)
    for parameter in network.parameters where parameter.name.hasSuffix("slope") { parameter.value.fill(0.7) }
    let images = Tensor(rows: 4, columns: ResidualTests.image.features, seed: 5)
    let labels: [UInt8] = [0, 1, 3, 2]
    let gradient = Tensor(rows: 0, columns: 4)
    let pass = PassContext(compute: compute, isTraining: true)
    func cost() -> Double {
      Loss.crossEntropy.value(network.forward(images, pass), labels: labels, gradient: gradient, compute)
    }
    let before = images.values
    _ = cost()
    network.backward(gradient, pass)
    #expect(images.values == before, sourceLocation: location)
    for parameter in network.parameters {
      let found = parameter.gradient.values
      // Some elements of each parameter.
      for place in stride(from: 0, to: parameter.count, by: max(1, parameter.count / 5)) {
        let (row, column) = (place / parameter.value.columns, place % parameter.value.columns)
        let (value, step) = (parameter.value[row, column], Float(1) / 1_024)
        func changed(to value: Float) -> Double {
          parameter.value[row, column] = value
          compute.prepareOperand(of: parameter, .signs)
          return cost()
        }
        let difference = Float((changed(to: value + step) - changed(to: value - step)) / Double(2 * step))
        _ = changed(to: value)
        #expect(
          abs(found[place] - difference) < 1e-3 + 0.02 * abs(difference), "\(parameter.name)[\(place)]",
          sourceLocation: location)
      }
    }
  }

  @Test("gradients agree with differences in every parameter")
  func gradients() throws { try expectDifferences(ResidualTests.layers(.rprelu)) }

  // The sum must not overwrite the output of the last layer, which the backward pass reads.
  @Test(
    "so they do whatever layer ends a block",
    arguments: [
      [.batchNormalization, .activation(.relu)], [convolution(3), .activation(.relu)], [.activation(.relu)],
      [convolution(3), .dropout], [.dropout], [.pooling(.average, size: 3, stride: 1, border: .same)],
      [convolution(3), .residual([.activation(.relu)], shortcut: .identity)],
    ] as [[LayerPlan]])
  func endings(body: [LayerPlan]) throws {
    let block = LayerPlan.residual(body, shortcut: .identity)
    try expectDifferences([ResidualTests.convolution(3), block, .flatten, ResidualTests.output])
    try expectDifferences([block, ResidualTests.convolution(3), .flatten, ResidualTests.output])
  }

  // Evaluation between two steps resizes shared memory.
  private func train(_ plan: NetworkPlan, threads: Int) throws -> (correct: Int, state: [[Float]]) {
    let compute = Compute(threads: threads)
    let network = try plan.makeNetwork(input: ResidualTests.image, classes: 3, seed: 2, compute)
    let images = Tensor(rows: 12, columns: ResidualTests.image.features, seed: 4)
    let labels: [UInt8] = [0, 1, 2, 0, 1, 2, 2, 1, 0, 0, 2, 1]
    let gradient = Tensor(rows: 0, columns: 3)
    let workspace = Workspace()
    var optimizer = Optimizer(kind: .adam)
    for step in 0..<60 {
      let pass = PassContext(compute: compute, isTraining: true, seed: 1, step: step, workspace: workspace)
      _ = Loss.crossEntropy.value(network.forward(images, pass), labels: labels, gradient: gradient, compute)
      network.backward(gradient, pass)
      _ = optimizer.update(network.parameters, learningRate: 0.01, pass)
    }
    let pass = PassContext(compute: compute, isTraining: true, workspace: workspace)
    return (compute.countCorrect(network.forward(images, pass), labels: labels), network.state.map(\.values))
  }

  @Test(
    "a residual network learns a batch by heart, with any threads to the same weights",
    arguments: [nil, LayerPlan.Activation.sign, .rsign])
  func overfit(activation: LayerPlan.Activation?) throws {
    let plan = plan(ResidualTests.layers(activation), isBinary: activation != nil)
    #expect(plan.hasSigns == (activation != nil))
    let (first, second) = (try train(plan, threads: 1), try train(plan, threads: 2))
    #expect(first.correct == 12)
    if activation != nil { #expect(first.state == second.state) }
  }

  private static func block(_ layers: [LayerPlan], _ shortcut: LayerPlan.Shortcut = .identity) -> [LayerPlan] {
    [.residual(layers, shortcut: shortcut), .flatten, output]
  }

  static let misfits: [([LayerPlan], String)] = [
    (
      block([convolution(5)]),
      "layer residual1.sum: expected a shortcut of 6×4×5, the shape of the layers' output: zeroPad or a list of layers can produce it, "
        + "found 6×4×3"
    ),
    (
      block([convolution(2, stride: 2)]),
      "layer residual1.sum: expected a shortcut of 3×2×2, the shape of the layers' output: a list of layers can produce it, found 6×4×3"
    ),
    (
      block([convolution(2)], .zeroPadding),
      "layer residual1.sum: expected a shortcut of 6×4×2, the shape of the layers' output: a list of layers can produce it, found 6×4×3"
    ),
    (
      block([.flatten, .linear(outputs: 2, isBinary: nil)], .zeroPadding),
      "layer residual1.sum: expected a shortcut of 2, the shape of the layers"
    ),
    (
      block([convolution(5, stride: 2)], .layers([pool])),
      "layer residual1.sum: expected a shortcut of 3×2×5, as the layers give, found 3×2×3"
    ),
    (
      block([convolution(3)], .layers([.activation(.rsign)])),
      "layer residual1.sum: expected a shortcut of 6×4×3, as the layers give, found signs"
    ),
    (
      block([convolution(3), .activation(.sign)]),
      "layer residual1.sum: expected floats to add, such as the output of a normalization, found signs"
    ),
    (
      [.activation(.sign)] + block([convolution(3)]),
      "layer residual1: expected floats, which a shortcut adds: put the activation into the block, found signs"
    ),
    (block([.activation(.rsign), .activation(.rprelu)]), "layer input.rprelu: expected floats, found signs"),
    (
      [.flatten, output] + [.residual([.activation(.rprelu)], shortcut: .identity)], "expected nothing after the output"
    ),
  ]

  @Test("what does not fit is refused by the block's name", arguments: misfits)
  func misfit(layers: [LayerPlan], message: String) {
    let error = #expect(throws: NetworkError.self) {
      try NetworkLayout(plan(layers), input: ResidualTests.image, classes: 10)
    }
    #expect(error.map { "\($0)".contains(message) } ?? false, "\(error.map { "\($0)" } ?? "no error")")
  }
}
