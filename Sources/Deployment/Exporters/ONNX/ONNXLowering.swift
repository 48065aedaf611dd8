internal import NeuralNetworks
internal import Tensors

/// Translates the operations of a packed network to ONNX nodes in float32.
///
/// Integer sums below 2²³ are exact in float32, in any order. The graph performs the same operations in the same order as
/// the network. A `Round` keeps optimizers from folding scales into the weights, which would make sums inexact. Signs are
/// comparisons, since `Sign` returns 0 for 0.
struct ONNXLowering {
  /// The network.
  let network: PackedNetwork
  /// The kind of readers.
  let dialect: ONNXDialect
  /// The graph so far.
  var graph: ONNXGraph
  /// The network's values in the graph.
  private(set) var values: [Value] = []

  /// A value of the network in the graph.
  struct Value {
    var name: String
    /// Whether its shape is `[N, C, H, W]`, else `[N, C]`.
    var isImage: Bool
    /// The largest possible magnitude in each channel, if it is a sum of integers.
    var bounds: [Double] = []
    /// Whether sums are in double precision, since they may be too large for float32.
    var isDouble = false
    /// Whether sums are negated in channels whose sign is -1 from a threshold on.
    var isFlipped = false
    /// Whether a product already gave the real values of its sums.
    var isReal = false
    /// Whether the images are already padded.
    var isPadded = false
  }

  /// Below this limit, multiples of 0.5 are exact in float32.
  static let exact = 8_388_608.0

  /// Returns the graph of a network, with the input `images` and the output `logits`.
  static func graph(of network: PackedNetwork, name: String, _ dialect: ONNXDialect) -> ONNXGraphProto {
    var lowering = ONNXLowering(
      network: network, dialect: dialect, graph: ONNXGraph(name: name, sharesConstants: dialect == .standard))
    lowering.lowerInput()
    for (index, operation) in network.operations.enumerated() {
      lowering.graph.layer = operation.layer
      lowering.values.append(lowering.lower(operation, at: index))
    }
    lowering.graph.layer = "output"
    let logits = lowering.rows(lowering.values[network.operations.count], network.shape(of: network.operations.count))
    let batch: ONNXDimension = dialect == .standard ? .any("N") : .length(1)
    let count = network.shape(of: network.operations.count).features
    lowering.graph.output(logits.name, as: "logits", .float, [batch, .length(count)], "one number per class")
    return lowering.graph.proto
  }

  // MARK: Input

  private mutating func lowerInput() {
    graph.layer = "input"
    let shape = network.input
    // The shape in which the bytes are read: a flat row, or images.
    let isFlat = network.operations.contains { operation in
      guard operation.inputs.contains(0) else { return false }
      if case .product(let product) = operation.kind { return product.windows == nil }
      return operation.output.pixels == 1
    }
    let bytes = "bytes 0 to 255 of an image"
    switch dialect {
    case .standard:
      graph.input(
        "images", .uint8, [.any("N"), .length(shape.height), .length(shape.width), .length(shape.channels)],
        "\(bytes): rows, columns, channels")
      let cast = graph.node("Cast", ["images"], [.to(.float)])
      values = [
        Value(
          name: isFlat
            ? graph.node("Reshape", [cast, graph.constant([0, -1], "shape")])
            : graph.node("Transpose", [cast], [.ints("perm", [0, 3, 1, 2])]), isImage: !isFlat)
      ]
    case .qonnx:
      if isFlat {
        graph.input(
          "images", .float, [.length(1), .length(shape.features)], "\(bytes) in a row: rows, columns, channels")
      } else {
        graph.input(
          "images", .float, [.length(1), .length(shape.channels), .length(shape.height), .length(shape.width)],
          "\(bytes): channels, rows, columns")
      }
      values = [Value(name: graph.quant("images", bits: 8, isSigned: false), isImage: !isFlat)]
    }
  }

  // MARK: Operations

  private mutating func lower(_ operation: PackedOperation, at index: Int) -> Value {
    let number = operation.inputs[0]
    var x = values[number]
    switch operation.kind {
    case .pixels(let scale):
      let count = scale.lower.count
      // In a flat row, the channels of a pixel are adjacent.
      let repeats = x.isImage || count == 1 ? 1 : network.input.pixels
      func all(_ numbers: [Float]) -> [Float] { (0..<repeats).flatMap { _ in numbers } }
      x.name = graph.node("Mul", [x.name, channels(all(scale.scale), "scale", x)])
      x.name = graph.node("Add", [x.name, channels(all(scale.lower), "lower", x)])
    case .contrasts: x.name = contrasts(x)
    case .product(let product): x = lower(product, of: operation, at: index)
    case .real(let scale): x = real(x, scale, operation, at: index)
    case .levels(let steps): x.name = levels(x.name, steps)
    case .realLevels(let steps):
      x.name = graph.node("Mul", [x.name, graph.constant([1 / Float(steps)], [], "step")])
    case .realSigns: break
    case .function(let function): x.name = lower(function, x)
    case .sign(let thresholds): x.name = sign(x, thresholds)
    case .threshold(let thresholds): x = threshold(x, thresholds, operation.output)
    case .poolSigns(let windows, let any):
      x = image(x, windows.input)
      // The minimum of a window is -max(-x).
      let directions = any.contains(true) ? channels(any.map { $0 ? -1 : 1 }, "direction", x) : nil
      if let directions { x.name = graph.node("Mul", [x.name, directions]) }
      x.name = graph.node("MaxPool", [x.name], ONNXAttributeProto.windows(windows))
      if let directions { x.name = graph.node("Mul", [x.name, directions]) }
    case .pool(.max, let windows):
      x = image(x, windows.input)
      x.name = graph.node("MaxPool", [x.name], ONNXAttributeProto.windows(windows))
    case .pool(.average, let windows):
      x = image(x, windows.input)
      x.name = graph.node(
        "AveragePool", [x.name], ONNXAttributeProto.windows(windows) + [.int("count_include_pad", 0)])
    case .reshape:
      let shape = network.shape(of: number)
      x = operation.output.pixels == 1 ? rows(x, shape) : image(rows(x, shape), operation.output)
    case .magnitude:
      x.name = graph.node("Abs", [x.name])
      x.name = graph.node("ReduceMean", [x.name], [.ints("axes", [1]), .int("keepdims", 1)])
    case .scalePixels, .add:
      let other = alike(values[operation.inputs[1]], network.shape(of: operation.inputs[1]), x)
      x.name = graph.node(operation.kind == .add ? "Add" : "Mul", [x.name, other.name])
    case .subsample(let subsampling): x = subsample(image(x, subsampling.input).name, subsampling)
    }
    return x
  }

  private mutating func lower(_ function: ChannelFunction, _ x: Value) -> String {
    switch function {
    case .scale(let factors): return graph.node("Mul", [x.name, channels(factors, "factors", x)])
    case .shift(let shifts): return graph.node("Add", [x.name, channels(shifts, "shifts", x)])
    case .normalize(let numbers):
      // Separate operations, since `BatchNormalization` rounds differently from the network.
      var y = graph.node("Sub", [x.name, channels(numbers.mean, "mean", x)])
      y = graph.node("Mul", [y, channels(numbers.inverse, "inverse", x)])
      y = graph.node("Mul", [y, channels(numbers.scale, "scale", x)])
      return graph.node("Add", [y, channels(numbers.shift, "shift", x)])
    case .relu: return graph.node("Relu", [x.name])
    case .clip: return clip(x.name, -1, 1)
    case .rprelu(let threshold, let slope, let shift):
      let distance = graph.node("Sub", [x.name, channels(threshold, "threshold", x)])
      let shape = x.isImage ? [slope.count, 1, 1] : [slope.count]
      let bent = graph.node("PRelu", [distance, graph.constant(slope, shape, "slope")])
      return graph.node("Add", [bent, channels(shift, "shift", x)])
    }
  }

  private mutating func clip(_ x: String, _ least: Float, _ greatest: Float) -> String {
    graph.node("Clip", [x, graph.constant([least], [], "least"), graph.constant([greatest], [], "greatest")])
  }

  private mutating func levels(_ x: String, _ steps: Int) -> String {
    let bits = Int.bitWidth - steps.leadingZeroBitCount
    let factor = graph.constant([Float(steps)], [], "steps")
    guard dialect == .qonnx else { return graph.node("Round", [graph.node("Mul", [clip(x, 0, 1), factor])]) }
    // The quantizer clips if the levels use all values of its bits.
    let clipped = steps == 1 << bits - 1 ? x : clip(x, 0, 1)
    return graph.quant(graph.node("Mul", [clipped, factor]), bits: bits, isSigned: false)
  }

  private mutating func subsample(_ x: String, _ subsampling: ImageSubsampling) -> Value {
    let (input, output, stride) = (subsampling.input, subsampling.output, subsampling.stride)
    var y = x
    if stride > 1 {
      y = graph.node(
        "Slice",
        [
          y, graph.constant([0, 0], "starts"), graph.constant([input.height, input.width], "ends"),
          graph.constant([2, 3], "axes"), graph.constant([stride, stride], "steps"),
        ])
    }
    if output.channels > input.channels {
      let pads = graph.constant([0, 0, 0, 0, 0, output.channels - input.channels, 0, 0], "pads")
      y = graph.node("Pad", [y, pads])
    }
    return Value(name: y, isImage: true)
  }

  // Normalizes each image to mean 0 and norm 55. Sums of integers and of their squares are exact in double precision.
  private mutating func contrasts(_ x: Value) -> String {
    let axes: [ONNXAttributeProto] = [.ints("axes", x.isImage ? [1, 2, 3] : [1]), .int("keepdims", 1)]
    let count = Double(network.input.features)
    let sizes = x.isImage ? [1, 1, 1, 1] : [1, 1]
    func number(_ value: Double, _ name: String, _ graph: inout ONNXGraph) -> String {
      graph.constant([value], sizes, name)
    }
    // Not `Mul(x, x)`: some readers lose one of two equal inputs when they rename them.
    func square(_ x: String, _ graph: inout ONNXGraph) -> String {
      graph.node("Pow", [x, number(2, "two", &graph)])
    }
    let wide = graph.node("Cast", [x.name], [.to(.double)])
    let mean = graph.node("ReduceMean", [wide], axes)
    let total = number(count, "count", &graph)
    let sum = graph.node("Round", [graph.node("Mul", [mean, total])])
    let negative = graph.node("Neg", [sum])
    let squares = graph.node("Mul", [graph.node("ReduceMean", [square(wide, &graph)], axes), total])
    let product = graph.node("Mul", [graph.node("Round", [squares]), total])
    let deviations = graph.node("Sub", [product, square(sum, &graph)])
    let norm = graph.node("Sqrt", [graph.node("Div", [deviations, total])])
    let divisor = graph.node("Div", [norm, number(ContrastNormalization.norm, "norm", &graph)])
    let isLarge = graph.node(
      "GreaterOrEqual", [divisor, number(ContrastNormalization.smallestDivisor, "smallest", &graph)])
    let used = graph.node("Where", [isLarge, divisor, number(1, "one", &graph)])
    // `lower + factor·byte` in floats, rounded once.
    func rounded(_ x: String, _ graph: inout ONNXGraph) -> String {
      graph.node("Cast", [graph.node("Cast", [x], [.to(.float)])], [.to(.double)])
    }
    let lower = rounded(graph.node("Div", [graph.node("Div", [negative, total]), used]), &graph)
    let factor = rounded(graph.node("Div", [number(1, "one", &graph), used]), &graph)
    return graph.node("Cast", [graph.node("Add", [lower, graph.node("Mul", [factor, wide])])], [.to(.float)])
  }

  // MARK: Shapes

  /// Appends a constant with one number per channel of a value.
  mutating func channels(_ numbers: [Float], _ name: String, _ like: Value) -> String {
    graph.constant(numbers, like.isImage ? [1, numbers.count, 1, 1] : [numbers.count], name)
  }

  /// Returns the value as rows `[N, features]`, with adjacent channels of a pixel.
  mutating func rows(_ x: Value, _ shape: ImageShape) -> Value {
    guard x.isImage else { return x }
    var y = x
    if shape.pixels > 1 { y.name = graph.node("Transpose", [y.name], [.ints("perm", [0, 2, 3, 1])]) }
    y.name = graph.node("Reshape", [y.name, graph.constant([0, -1], "shape")])
    y.isImage = false
    return y
  }

  /// Returns the value as images `[N, C, H, W]`.
  mutating func image(_ x: Value, _ shape: ImageShape) -> Value {
    guard !x.isImage else { return x }
    var y = x
    let sizes = [0, shape.height, shape.width, shape.channels]
    y.name = graph.node("Reshape", [y.name, graph.constant(sizes, "shape")])
    y.name = graph.node("Transpose", [y.name], [.ints("perm", [0, 3, 1, 2])])
    y.isImage = true
    return y
  }

  // Returns the value with the number of axes of another one.
  private mutating func alike(_ x: Value, _ shape: ImageShape, _ other: Value) -> Value {
    other.isImage ? image(x, shape) : rows(x, shape)
  }

  /// The operation that reads a value; nil unless there is exactly one.
  func reader(of number: Int) -> PackedKind? { network.operation(reading: number) }

  /// Whether an operation from `index` on computes signs or levels, which may turn a rounding difference into a large one.
  func decides(from index: Int) -> Bool {
    network.operations[index...].contains {
      switch $0.kind {
      case .sign, .levels: true
      default: false
      }
    }
  }
}
