import Deployment
import EngineProtocol
import NeuralNetworks
import Tensors
import Testing

/// The results of a packed network equal those of the trained network in inference.
@Suite struct PackedRuntimeTests {
  @Test(arguments: Sample.all.indices)
  func thePackedNetworkGivesTheTrainersLogits(index: Int) throws {
    let sample = Sample.all[index]
    let compute = Compute(threads: 1)
    let trained = try sample.network(compute)
    let packed = try NetworkPacker.pack(trained.layout, trained.network, sample.data)
    let runtime = PackedRuntime(packed, compute)
    let images = sample.images(57)
    let expected = trained.logits(images, sample.data, compute)
    var found: [Float] = []
    runtime.run(ByteStorage(images), ArraySlice(0..<57)) { found += $1.values }
    #expect(found.count == expected.count)
    let scale = expected.reduce(Float(1e-3)) { max($0, abs($1)) }
    let worst = zip(expected, found).map { abs($0 - $1) }.max() ?? .infinity
    #expect(worst <= sample.tolerance * scale, "\(sample.name): logits differ by \(worst) of \(scale)")
    // Single images give the same bits as a batch.
    let size = sample.data.image.features
    for image in [0, 31] {
      let alone = runtime.logits(of: Array(images[image * size..<(image + 1) * size]))
      #expect(alone == Array(found[image * alone.count..<(image + 1) * alone.count]), "\(sample.name)")
    }
  }

  @Test(arguments: [1, 2, 3]) func threadsDoNotChangeTheLogits(threads: Int) throws {
    let sample = Sample.convolutional(.bnn, "bnn")
    let (one, many) = (Compute(threads: 1), Compute(threads: threads))
    let trained = try sample.network(one)
    let packed = try NetworkPacker.pack(trained.layout, trained.network, sample.data)
    let images = sample.images(40)
    var (first, second): ([Float], [Float]) = ([], [])
    PackedRuntime(packed, one).run(ByteStorage(images), ArraySlice(0..<40)) { first += $1.values }
    PackedRuntime(packed, many, batch: 7).run(ByteStorage(images), ArraySlice(0..<40)) { second += $1.values }
    #expect(first == second)
  }

  /// The sum that explains a tie has the sign that the trained network computes.
  @Test(arguments: Sample.all.indices) func aProbeReadsTheSumsOfSigns(index: Int) throws {
    let sample = Sample.all[index]
    let compute = Compute(threads: 1)
    let trained = try sample.network(compute)
    let images = sample.images(3)
    let input = Tensor(rows: 0, columns: sample.data.image.features)
    for layer in trained.network.layers {
      guard let signs = layer.newestSigns else { continue }
      _ = trained.logits(images, sample.data, compute)
      let values = signs.signs
      for place in stride(from: 0, to: values.rows * values.columns, by: max(1, values.rows * values.columns / 20)) {
        let (row, column) = (place / values.columns, place % values.columns)
        let probe = SignInputProbe(layer: layer.name, row: row, column: column)
        var pass = PassContext(compute: compute, isTraining: false)
        pass.observer = probe
        try sample.data.prepare(input, of: ByteStorage(images), ArraySlice(0..<3))
        _ = trained.network.forward(input, pass)
        let value = try #require(probe.value)
        #expect((value < 0) == values[row, column], "\(sample.name), \(layer.name): \(value)")
      }
    }
  }

  @Test func signsBehindProductsOfBitsAreFolded() throws {
    for sample in [Sample.perceptron(.bnn, "bnn"), .convolutional(.bnn, "bnn")] {
      let compute = Compute(threads: 1)
      let trained = try sample.network(compute)
      let packed = try NetworkPacker.pack(trained.layout, trained.network, sample.data)
      let kinds = packed.operations.map { "\($0.type)" }
      // Only the last operations compute floats.
      let firstReal = try #require(kinds.firstIndex(of: "real"))
      #expect(!kinds[firstReal...].contains("signs"), "\(sample.name): \(kinds)")
    }
  }
}

/// A network with random weights and statistics, and images for it.
struct Sample: Sendable {
  var name: String
  var plan: NetworkPlan
  var data: DataDescription
  /// The largest accepted difference of logits relative to the largest logit; 0 if all sums but those of the first layer are
  /// integers.
  var tolerance: Float = 1e-5

  struct Trained {
    var layout: NetworkLayout
    var network: Network

    func logits(_ images: [UInt8], _ data: DataDescription, _ compute: Compute) -> [Float] {
      let count = images.count / data.image.features
      let input = Tensor(rows: 0, columns: data.image.features)
      try? data.prepare(input, of: ByteStorage(images), ArraySlice(0..<Int32(count)))
      return network.forward(input, PassContext(compute: compute, isTraining: false)).values
    }
  }

  static func data(
    _ image: ImageShape, lower: [Float] = [-1], scale: [Float] = [Float(2) / 255]
  ) -> DataDescription {
    DataDescription(
      dataset: "drawn", image: image, classes: (0..<10).map { "\($0)" }, preparation: .scale,
      pixels: PixelScale(
        lower: lower.count == image.channels ? lower : Array(repeating: lower[0], count: image.channels),
        scale: scale.count == image.channels ? scale : Array(repeating: scale[0], count: image.channels)))
  }

  static let numbers = BatchNormalizationNumbers(epsilon: 1e-4, momentum: 0.9)

  static func perceptron(
    _ method: Method, _ name: String, _ options: MethodOptions = [:], hidden: [Int] = [65, 130, 33],
    normalizesOutput: Bool = true
  ) -> Sample {
    Sample(
      name: "perceptron \(name)",
      plan: NetworkPlan(
        hidden: hidden, method: method, options: options, batchNormalization: numbers,
        normalizesOutput: normalizesOutput),
      data: data(ImageShape(height: 9, width: 7, channels: 1)))
  }

  static func conv(_ filters: Int, _ kernel: Int = 3, stride: Int = 1, _ border: LayerPlan.Border = .same)
    -> LayerPlan
  {
    .convolution(filters: filters, kernel: kernel, stride: stride, border: border, isBinary: nil)
  }

  static let layers: [LayerPlan] = [
    conv(31, 5), .pooling(.max, size: 2, stride: 2, border: .valid), .batchNormalization, .activation(nil),
    conv(33, stride: 2, .sameZero), .batchNormalization, .activation(nil), conv(65, 3, .sameOne),
    .pooling(.max, size: 3, stride: 2, border: .same), .batchNormalization, .activation(nil), conv(50, 3, .valid),
    .batchNormalization, .activation(nil), .flatten, .linear(outputs: 63, isBinary: nil), .batchNormalization,
    .activation(nil), .linear(outputs: nil, isBinary: nil), .batchNormalization,
  ]

  static func convolutional(
    _ method: Method, _ name: String, _ options: MethodOptions = [:], channels: Int = 3, layers: [LayerPlan]? = nil,
    firstFloat: Bool = false, lastFloat: Bool = false, eightBits: Bool = false
  ) -> Sample {
    Sample(
      name: "convolutional \(name)",
      plan: NetworkPlan(
        layers: layers ?? Self.layers, method: method, options: options, keepsFirstFloat: firstFloat,
        keepsLastFloat: lastFloat, firstHasEightBits: eightBits, lastHasEightBits: eightBits,
        batchNormalization: numbers),
      data: data(ImageShape(height: 23, width: 25, channels: channels)))
  }

  static let residual: [LayerPlan] = [
    conv(16), .batchNormalization,
    .residual([.activation(.rsign), conv(16), .batchNormalization], shortcut: .identity),
    .activation(.rprelu),
    .residual([.activation(.sign), conv(32, stride: 2), .batchNormalization], shortcut: .zeroPadding),
    .hardtanh,
    .residual(
      [.activation(nil), conv(40, stride: 2, .sameOne), .batchNormalization],
      shortcut: .layers([.pooling(.average, size: 2, stride: 2, border: .same), conv(40, 1), .batchNormalization])),
    .activation(.relu), .globalAveragePooling, .linear(outputs: nil, isBinary: nil),
  ]

  static let all: [Sample] = {
    let flag = HyperparameterValue.word("true")
    var all = [
      perceptron(.baseline, "baseline"), perceptron(.binaryConnect, "binaryConnect"), perceptron(.bnn, "bnn"),
      perceptron(.bnn, "bnn, biases", normalizesOutput: false), perceptron(.xnorNet, "xnorNet"),
      perceptron(.xnorNet, "xnorNet, K", ["inputScale": flag]), perceptron(.ternary, "ternary"),
      perceptron(.ternary, "ternary, signs", ["activation": .word("sign"), "weightScale": .word("mean")]),
      perceptron(.doReFa, "doReFa"),
      perceptron(.doReFa, "doReFa 3/4", ["weightBits": .number(3), "activationBits": .number(4)]),
      perceptron(.doReFa, "doReFa 8/8", ["weightBits": .number(8), "activationBits": .number(8)]),
      perceptron(.reCU, "reCU"),
      convolutional(.baseline, "baseline"), convolutional(.binaryConnect, "binaryConnect"),
      convolutional(.bnn, "bnn"), convolutional(.bnn, "bnn, one channel", channels: 1),
      convolutional(.bnn, "bnn, float ends", firstFloat: true, lastFloat: true),
      convolutional(.bnn, "bnn, 8-bit ends", eightBits: true), convolutional(.xnorNet, "xnorNet"),
      convolutional(.xnorNet, "xnorNet, K", ["inputScale": flag]), convolutional(.ternary, "ternary"),
      convolutional(.ternary, "ternary, signs", ["activation": .word("sign"), "weightScale": .word("mean")]),
      convolutional(.doReFa, "doReFa 2/2", ["weightBits": .number(2)]), convolutional(.reCU, "reCU"),
      convolutional(.baseline, "baseline, residual", layers: residual),
      convolutional(.bnn, "bnn, residual", layers: residual),
      convolutional(.xnorNet, "xnorNet, residual", layers: residual),
    ]
    var channels = convolutional(.bnn, "bnn, a scale for each channel", firstFloat: true)
    channels.data = data(
      ImageShape(height: 23, width: 25, channels: 3), lower: [-1, -0.5, -2], scale: [0.01, 0.02, 0.03])
    // Floats in all layers, so that a difference in one pixel shows.
    var floats = convolutional(.baseline, "baseline, a scale for each channel")
    floats.data = channels.data
    var shifts = convolutional(.bnn, "bnn, shifts")
    shifts.plan.batchNormalization = BatchNormalizationNumbers(epsilon: 1e-3, momentum: 0.8, kind: .shift)
    all += [channels, floats, shifts]
    return all
  }()

  /// The network, with random statistics and thresholds of batch normalizations.
  /// - Parameter hasGreatShift: whether a unit of each batch normalization is so great that it is constant, and that the last bits
  ///   of logits of float networks are lost.
  func network(_ compute: Compute, precision: Precision = .float32, hasGreatShift: Bool = true) throws -> Trained {
    let layout = try NetworkLayout(plan, input: data.image, classes: 10)
    let network = layout.makeNetwork(plan, precision: precision, seed: 7, compute)
    var draws = Draws(seed: 11)
    for (name, tensor) in network.namedState {
      let range: ClosedRange<Float>? =
        if name.hasSuffix("runningVariance") { 0.5...300 } else if name.hasSuffix("runningMean") {
          -9...9
        } else if name
          .hasSuffix("normalization.scale")
        { -2...2 } else if name.hasSuffix("shift") || name.hasSuffix("bias") || name.hasSuffix("threshold") {
          -1...1
        } else if name
          .hasSuffix("weights.scale")
        { -1...1 } else { nil }
      guard let range else { continue }
      for row in 0..<tensor.rows { for column in 0..<tensor.columns { tensor[row, column] = draws.next(range) } }
      // A unit with scale 0, and a constant one.
      if name.hasSuffix("normalization.scale"), tensor.columns > 10 { tensor[0, 3] = 0 }
      if hasGreatShift, name.hasSuffix("normalization.shift"), tensor.columns > 10 { tensor[0, 5] = 1e6 }
    }
    network.prepareOperands(.signs, compute)
    return Trained(layout: layout, network: network)
  }

  /// Bytes of images.
  func images(_ count: Int) -> [UInt8] {
    var draws = Draws(seed: 5)
    return (0..<count * data.image.features).map { _ in UInt8(draws.next(0...255.99)) }
  }
}

/// Reproducible random numbers.
struct Draws {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next(_ range: ClosedRange<Float>) -> Float {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return range.lowerBound + (range.upperBound - range.lowerBound) * Float(state >> 40) / Float(1 << 24)
  }
}
