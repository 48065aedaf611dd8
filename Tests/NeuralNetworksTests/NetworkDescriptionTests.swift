import EngineProtocol
import Foundation
import NeuralNetworks
import Tensors
import Testing

/// The JSON of networks: a checkpoint's description is sufficient to build the network, and recorded plans can be read.
@Suite struct NetworkDescriptionTests {
  private static let image = ImageShape(height: 9, width: 7, channels: 2)
  private static let output = LayerPlan.linear(outputs: nil, isBinary: nil)

  private static func convolution(_ filters: Int, stride: Int = 1, border: LayerPlan.Border = .same) -> LayerPlan {
    .convolution(filters: filters, kernel: 3, stride: stride, border: border, isBinary: nil)
  }

  // Every kind of layer, and every kind of shortcut.
  private static let layers: [LayerPlan] = [
    .dropout, convolution(4, border: .valid), .batchNormalization, .activation(nil), convolution(6, border: .sameZero),
    .pooling(.max, size: 2, stride: 1, border: .same), .batchNormalization, .activation(.rprelu),
    .residual([.activation(.rsign), convolution(6), .batchNormalization], shortcut: .identity),
    .residual([.activation(.sign), convolution(8, stride: 2), .batchNormalization], shortcut: .zeroPadding), .hardtanh,
    .residual(
      [
        .activation(.sign), convolution(9, stride: 2, border: .sameOne), .batchNormalization,
        .residual([.activation(.relu), convolution(9)], shortcut: .identity),
      ],
      shortcut: .layers([.pooling(.average, size: 2, stride: 2, border: .same), convolution(9), .batchNormalization])),
    .activation(.sign), .flatten, .linear(outputs: 12, isBinary: false), .batchNormalization, .activation(nil),
    .dropout, output, .batchNormalization,
  ]

  private static let methods: [NetworkPlan] = {
    let numbers = BatchNormalizationNumbers(epsilon: 1e-4, momentum: 0.9)
    let shifts = BatchNormalizationNumbers(epsilon: 1e-3, momentum: 0.8, kind: .shift)
    return [
      NetworkPlan(layers: layers, batchNormalization: numbers),
      NetworkPlan(layers: layers, method: .bnn, batchNormalization: shifts),
      NetworkPlan(
        layers: layers, method: .xnorNet, options: ["inputScale": .word("true")], keepsFirstFloat: true,
        lastHasEightBits: true, batchNormalization: numbers),
      NetworkPlan(
        layers: layers, method: .binaryConnect, options: ["weightScale": .word("mean")], keepsLastFloat: true,
        batchNormalization: numbers),
      NetworkPlan(
        layers: layers, method: .doReFa, options: ["weightBits": .number(3)], batchNormalization: numbers),
      NetworkPlan(
        layers: layers, method: .ternary,
        options: ["ternaryThreshold": .float(0.05), "weightScale": .word("mean")], batchNormalization: numbers),
      NetworkPlan(
        hidden: [20, 10], method: .ternary, batchNormalization: numbers, normalizesOutput: true, dropout: 0.5),
      NetworkPlan(layers: layers, method: .reCU, batchNormalization: numbers),
    ]
  }()

  @Test(arguments: methods.indices)
  func aNetworkIsBuiltAgainOfItsDescription(index: Int) throws {
    let plan = Self.methods[index]
    let layout = try NetworkLayout(plan, input: Self.image, classes: 5)
    let read = try JSONDecoder().decode(NetworkLayout.self, from: JSONEncoder().encode(layout))
    #expect(NetworkDescription(read) == NetworkDescription(layout))
    #expect(read.parameterCount == layout.parameterCount && read.packedBytes == layout.packedBytes)
    let kept = layout.items.indices.filter { !(layout.items[$0].layer is FittedDropout) }
    #expect(read.items.map(\.name) == kept.map { layout.items[$0].name })
    #expect(read.items.map(\.output) == kept.map { layout.items[$0].output })
    #expect(read.items.indices.map(read.arithmetic) == kept.map(layout.arithmetic))

    let compute = Compute(threads: 1)
    let network = layout.makeNetwork(plan, precision: .float32, seed: 3, compute)
    let images = Tensor(rows: 4, columns: Self.image.features)
    compute.fillUniform(images, from: -1, to: 1, random: RandomStream(seed: 8, stream: 1, step: 0))
    // Statistics that differ from the initial ones.
    network.estimateStatistics(batchCount: 2, PassContext(compute: compute, isTraining: false)) { _ in
      let copy = Tensor(rows: images.rows, columns: images.columns)
      copy.copy(from: images)
      return copy
    }
    let other = read.makeNetwork(compute)
    #expect(other.namedState.map(\.name) == network.namedState.map(\.name))
    for (mine, theirs) in zip(other.state, network.state) { mine.copy(from: theirs) }
    other.prepareOperands(.signs, compute)
    let logits = [network, other].map { network in
      let input = Tensor(rows: images.rows, columns: images.columns)
      input.copy(from: images)
      return network.forward(input, PassContext(compute: compute, isTraining: false)).values
    }
    #expect(logits[0] == logits[1])
    #expect(Set(logits[0]).count > 5)
  }

  // As written by version 0.1.0.
  private static let recorded: [(String, LayerPlan)] = [
    (
      #"{"convolution":{"border":"sameZero","filters":4,"kernel":5,"stride":2}}"#,
      .convolution(filters: 4, kernel: 5, stride: 2, border: .sameZero, isBinary: nil)
    ),
    (
      #"{"convolution":{"border":"same","filters":4,"isBinary":false,"kernel":3,"stride":1}}"#,
      .convolution(filters: 4, kernel: 3, stride: 1, border: .same, isBinary: false)
    ),
    (#"{"linear":{}}"#, .linear(outputs: nil, isBinary: nil)),
    (#"{"linear":{"isBinary":true,"outputs":500}}"#, .linear(outputs: 500, isBinary: true)),
    (#"{"batchNormalization":{}}"#, .batchNormalization), (#"{"activation":{}}"#, .activation(nil)),
    (#"{"activation":{"_0":"rprelu"}}"#, .activation(.rprelu)),
    (
      #"{"pooling":{"_0":"average","border":"valid","size":3,"stride":2}}"#,
      .pooling(.average, size: 3, stride: 2, border: .valid)
    ),
    (#"{"globalAveragePooling":{}}"#, .globalAveragePooling), (#"{"flatten":{}}"#, .flatten),
    (#"{"dropout":{}}"#, .dropout), (#"{"dropout":{"rate":0.25}}"#, .dropout(rate: 0.25)),
    (#"{"hardtanh":{}}"#, .hardtanh),
    (
      #"{"residual":{"_0":[{"dropout":{}}],"shortcut":{"zeroPadding":{}}}}"#,
      .residual([.dropout], shortcut: .zeroPadding)
    ),
    (
      #"{"residual":{"_0":[{"flatten":{}}],"shortcut":{"layers":{"_0":[{"dropout":{}}]}}}}"#,
      .residual([.flatten], shortcut: .layers([.dropout]))
    ),
  ]

  @Test("a number of a layer's own stands in the description, and one that does not fit is refused")
  func numbers() throws {
    var layer = NetworkDescription.Layer("leaky", "conv1.leaky")
    layer.numbers = ["slope": 0.1]
    let text = try JSONEncoder().encode(layer)
    #expect(String(decoding: text, as: UTF8.self).contains(#""numbers":{"slope":0.1}"#) == true)
    let read = try JSONDecoder().decode(NetworkDescription.Layer.self, from: text)
    #expect(try read == layer && read.number("slope", in: 0...1) == 0.1)
    #expect(throws: NetworkError(layer: "conv1.leaky", expected: "“slope” from 0.2 to 1.0", found: "0.1")) {
      try read.number("slope", in: 0.2...1)
    }
    #expect(
      throws: NetworkError(layer: "conv1.leaky", expected: "“bend” in its “numbers”", found: "a leaky without it")
    ) {
      try read.number("bend", in: 0...1)
    }
  }

  @Test(arguments: recorded.indices)
  func aRecordedLayerIsReadAndWrittenAsBefore(index: Int) throws {
    let (text, layer) = Self.recorded[index]
    #expect(try JSONDecoder().decode(LayerPlan.self, from: Data(text.utf8)) == layer)
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    #expect(String(decoding: try encoder.encode(layer), as: UTF8.self) == text)
  }

  private static let wrong: [(String, String)] = [
    (#"{"layer":"sparkle","name":"a"}"#, "layer a: expected one of convolution, "),
    (#"{"layer":"linear","name":"a","outputs":5,"bias":true,"weights":{"kind":"float"}}"#, "expected a flat input"),
    (#"{"layer":"flatten","name":"a"}"#, "expected an output for each class"),
    (
      #"{"layer":"maxPool","name":"c","windows":{"kernel":[3,3],"stride":[1,1],"before":[7,1],"output":[9,7],"border":0}}"#,
      "layer c: expected windows over images of 9×7×2"
    ),
    (
      #"{"layer":"residual","name":"r.sum","layers":[],"shortcut":"teleport"}"#,
      "layer r.sum: expected a shortcut of 9×7×2"
    ),
    (#"{"layer":"batchNormalization","name":"n"}"#, "expected “epsilon”, found a batchNormalization without it"),
    (#"{"layer":"quantized","name":"q","bits":99}"#, "layer q: expected “bits” from 1 to 8, found 99"),
  ]

  @Test(arguments: wrong.indices)
  func aDescriptionThatIsNoNetworkIsRefused(index: Int) throws {
    let (layer, message) = Self.wrong[index]
    let text = #"{"input":{"height":9,"width":7,"channels":2},"layers":[\#(layer)]}"#
    let error = #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(NetworkLayout.self, from: Data(text.utf8))
    }
    guard case .dataCorrupted(let context) = error else {
      Issue.record("expected a message, found \(String(describing: error))")
      return
    }
    #expect(context.debugDescription.contains(message), "\(context.debugDescription)")
  }
}
