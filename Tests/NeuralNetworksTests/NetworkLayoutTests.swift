import EngineProtocol
import NeuralNetworks
import Tensors
import Testing

@Suite("Network layouts")
struct NetworkLayoutTests {
  private static let convolution = LayerPlan.convolution(
    filters: 50, kernel: 3, stride: 1, border: .same, isBinary: nil)
  private static let pool = LayerPlan.pooling(.max, size: 2, stride: 2, border: .valid)
  private static let output = LayerPlan.linear(outputs: nil, isBinary: nil)
  private static let image = ImageShape(height: 8, width: 6, channels: 3)

  private func plan(_ layers: [LayerPlan], isBinary: Bool = true) -> NetworkPlan {
    NetworkPlan(
      layers: layers, method: isBinary ? .bnn : .baseline,
      batchNormalization: .init(epsilon: 1e-4, momentum: 0.9))
  }

  private static let small: [LayerPlan] = [
    convolution, pool, .batchNormalization, .activation(nil), convolution, .batchNormalization, .activation(nil),
    .flatten, .dropout, output,
  ]

  @Test(
    "weights of few bits are counted as such",
    arguments: [(Method.ternary, ["weightScale": .word("mean")], 2), (.doReFa, ["weightBits": .number(5)], 5)]
      as [(Method, MethodOptions, Int)])
  func fewBits(method: Method, options: MethodOptions, bits: Int) throws {
    func layers(_ activation: LayerPlan.Activation) -> [LayerPlan] {
      NetworkLayoutTests.small.map { $0 == .activation(nil) ? .activation(activation) : $0 }
    }
    var plan = plan(layers(.quantized))
    (plan.keepsLastFloat, plan.method, plan.options) = (true, method, options)
    let layout = try NetworkLayout(plan, input: NetworkLayoutTests.image, classes: 10)
    // By hand: each filter has 27 or 450 weights, in whole words.
    let words = 50 * ((27 * bits + 63) / 64 + (450 * bits + 63) / 64)
    #expect(layout.packedBytes == 8 * words + 4 * 6000 + 4 * 210)
    #expect(layout.products(.fewBitWeight) == 48 * 1350)
    #expect(layout.products(.fewBits) == 12 * 22_500)
    #expect(layout.products(.float) == 6000)
    #expect(layout.items.filter(\.countsFlips).count == (bits == 2 ? 2 : 0))
    plan.layers = layers(.relu)
    let rectified = try NetworkLayout(plan, input: NetworkLayoutTests.image, classes: 10)
    #expect(rectified.products(.fewBitWeight) == 48 * 1350 + 12 * 22_500)
  }

  @Test("the ends may have 8 bits, and then learn as float layers do")
  func eightBits() throws {
    var layers = NetworkLayoutTests.small
    var plan = plan(layers)
    (plan.firstHasEightBits, plan.lastHasEightBits, plan.scalesUpdates) = (true, true, true)
    plan.initialization = .unit
    let layout = try NetworkLayout(plan, input: NetworkLayoutTests.image, classes: 10)
    #expect(layout.items.compactMap(\.quantized) == [IntegerWeights(bits: 8).facts, IntegerWeights(bits: 8).facts])
    #expect(layout.packedBytes == 8 * (50 * 4 + 50 * 8 + 10 * 75) + 4 * 210)
    #expect(layout.products(.fewBitWeight) == 48 * 1350 && layout.products(.binary) == 12 * 22_500)
    let network = layout.makeNetwork(plan, precision: .float32, seed: 1, Compute(threads: 1))
    let weights = network.parameters.filter(\.isOperand)
    #expect(weights.map { $0.updateScale == 1 } == [true, false, true])
    #expect(weights.map { $0.value.values.contains { abs($0) > 0.5 } } == [false, true, false])
    // Keys in the list of layers take precedence.
    layers[layers.count - 1] = .linear(outputs: nil, isBinary: true)
    plan.layers = layers
    let said = try NetworkLayout(plan, input: NetworkLayoutTests.image, classes: 10)
    #expect(said.items.last?.quantized == nil && said.items.last?.isBinary == true)
  }

  @Test("shapes, names, weights and products are those of the layers")
  func costs() throws {
    var plan = plan(NetworkLayoutTests.small)
    plan.keepsFirstFloat = true
    let layout = try NetworkLayout(plan, input: NetworkLayoutTests.image, classes: 10)
    #expect(
      layout.items.map(\.name) == [
        "conv1", "conv1.pool", "conv1.normalization", "conv1.sign", "conv2", "conv2.normalization", "conv2.sign",
        "conv2.flatten", "conv2.dropout", "output",
      ])
    #expect(layout.description == "8×6×3·50c3·50c3·10")
    #expect(layout.items.map(\.output.features) == [2400, 600, 600, 600, 600, 600, 600, 600, 600, 10])
    // By hand: 3·3·3·50 + 2·50, 3·3·50·50 + 2·50, 600·10 + 10.
    #expect(layout.weightCount == 1350 + 22_500 + 6000)
    #expect(layout.parameterCount == layout.weightCount + 100 + 100 + 10)
    #expect(layout.products(.float) == 48 * 1350)
    #expect(layout.products(.binaryWeight) == 0)
    #expect(layout.products(.binary) == 12 * 22_500 + 6000)
    #expect(layout.packedBytes == 4 * 1350 + 50 * 8 * 8 + 10 * 10 * 8 + 4 * 210)
    let network = layout.makeNetwork(plan, precision: .float32, seed: 1, Compute(threads: 1))
    #expect(network.parameterCount == layout.parameterCount)
    #expect(network.binaryParameters.map(\.name) == ["conv2.weights", "output.weights"])
  }

  @Test("“same” is +1 around signs and 0 around real numbers")
  func borders() throws {
    func paddings(isBinary: Bool) throws -> [Padding] {
      let plan = plan(NetworkLayoutTests.small, isBinary: isBinary)
      let layout = try NetworkLayout(plan, input: NetworkLayoutTests.image, classes: 10)
      return layout.items.compactMap { item in
        (item.layer as? FittedConvolution)?.windows.padding
      }
    }
    #expect(try paddings(isBinary: true) == [.same, .sameOne])
    #expect(try paddings(isBinary: false) == [.same, .same])
  }

  static let misfits: [([LayerPlan], String)] = [
    (
      [convolution, output],
      "layer output: expected a flat input: flatten or globalAveragePool before it, found images of 8×6×50"
    ),
    (
      [.convolution(filters: 4, kernel: 9, stride: 1, border: .valid, isBinary: nil), .flatten, output],
      "layer conv1: expected images of at least 9×9, found 8×6×3"
    ),
    (
      [.activation(nil), pool, .flatten, output],
      "layer input.pool: expected floats: pool before the sign, found signs"
    ),
    (
      [.flatten, .linear(outputs: 4, isBinary: nil)],
      "layer hidden1: expected one output per class (10), such as “linear: classes”, found 4"
    ),
    ([.flatten, output, .activation(nil)], "found signs"),
    (
      [convolution, .activation(nil), .dropout, convolution, .flatten, output],
      "layer conv2: expected no dropout between signs and a padding of +1"
    ),
    (
      [
        .convolution(filters: 65_536, kernel: 63, stride: 1, border: .same, isBinary: nil),
        .convolution(filters: 65_536, kernel: 63, stride: 1, border: .same, isBinary: nil), .flatten, output,
      ],
      "layer conv2: expected less than 69 billion weights"
    ),
    ([.flatten, output, .dropout], "layer output.dropout: expected nothing after the output but its normalization"),
    ([.activation(nil), .activation(nil), .flatten, output], "layer input.sign2: expected floats, found signs"),
    (
      [convolution, pool, pool, pool, pool, .flatten, output],
      "layer conv1.pool3: expected images of at least 2×2, found 2×1×50"
    ),
  ]

  @Test("only the last linear layer of classes is the output, and any image can be averaged")
  func names() throws {
    let layers: [LayerPlan] = [
      NetworkLayoutTests.convolution, .globalAveragePooling, NetworkLayoutTests.output, .activation(nil),
      NetworkLayoutTests.output,
    ]
    let plan = plan(layers)
    let shape = ImageShape(height: 28, width: 28, channels: 1)
    let layout = try NetworkLayout(plan, input: shape, classes: 10)
    #expect(layout.weighted.map(\.name) == ["conv1", "hidden1", "output"])
    let compute = Compute(threads: 1)
    let network = layout.makeNetwork(plan, precision: .float32, seed: 1, compute)
    let images = Tensor(rows: 2, columns: shape.features, seed: 3)
    let logits = network.forward(images, PassContext(compute: compute, isTraining: true))
    #expect((logits.rows, logits.columns) == (2, 10))
  }

  @Test("large images are evaluated a few at a time")
  func evaluation() throws {
    let plan = plan(NetworkLayoutTests.small)
    #expect(try NetworkLayout(plan, input: NetworkLayoutTests.image, classes: 10).evaluationBatch == 500)
    let large = ImageShape(height: 224, width: 224, channels: 3)
    let layout = try NetworkLayout(plan, input: large, classes: 10)
    #expect(layout.evaluationBatch == (1 << 28) / (4 * 224 * 224 * 50))
    #expect(layout.activationBytes(images: 10) > 10 * 4 * 3 * 224 * 224 * 50)
  }

  @Test("what does not fit is refused by the layer's name", arguments: misfits)
  func misfit(layers: [LayerPlan], message: String) {
    let error = #expect(throws: NetworkError.self) {
      try NetworkLayout(plan(layers), input: NetworkLayoutTests.image, classes: 10)
    }
    #expect(error.map { "\($0)".contains(message) } ?? false, "\(error.map { "\($0)" } ?? "no error")")
  }

  @Test(
    "a convolutional network learns a batch by heart, whatever is binary in it", arguments: [nil, false, true],
    [false, true])
  func overfit(scaled: Bool?, scalesInputs: Bool) throws {
    let compute = Compute(threads: 2)
    var plan = plan(NetworkLayoutTests.small, isBinary: scaled != nil)
    if scaled == true { (plan.method, plan.options) = (.xnorNet, ["inputScale": .word("\(scalesInputs)")]) }
    let network = try plan.makeNetwork(input: NetworkLayoutTests.image, classes: 3, seed: 2, compute)
    let images = Tensor(rows: 12, columns: NetworkLayoutTests.image.features, seed: 4)
    let labels: [UInt8] = [0, 1, 2, 0, 1, 2, 2, 1, 0, 0, 2, 1]
    let gradient = Tensor(rows: 0, columns: 3)
    var optimizer = Optimizer(kind: .adam)
    for step in 0..<60 {
      let pass = PassContext(compute: compute, isTraining: true, seed: 1, step: step)
      _ = Loss.crossEntropy.value(network.forward(images, pass), labels: labels, gradient: gradient, compute)
      network.backward(gradient, pass)
      _ = optimizer.update(network.parameters, learningRate: 0.01, pass)
    }
    let pass = PassContext(compute: compute, isTraining: true)
    #expect(compute.countCorrect(network.forward(images, pass), labels: labels) == labels.count)
  }
}
