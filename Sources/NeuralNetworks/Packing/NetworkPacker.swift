package import Tensors

/// Packs the layers of a trained network in order. Each kind of layer implements its own packing.
package struct NetworkPacker {
  /// The operations that were appended so far.
  package private(set) var operations: [PackedOperation] = []

  // A value, and its properties.
  private struct Place {
    var value = 0
    var type = PackedType.bytes
    var shape: ImageShape
    /// The largest level.
    var steps = 0
    /// The value with the mean magnitude of the sign's input, one number per pixel.
    var magnitude: Int?
  }

  private let input: ImageShape
  private let pixels: PixelScale?
  private let parameters: [String: Parameter]
  private let tensors: [String: Tensor]
  private var place: Place
  private var form = Form.folded
  // For each open block, its input, and the output of its layers once the shortcut has begun.
  private var blocks: [(input: Place, body: Place?)] = []

  /// Packs a network.
  /// - Parameters:
  ///   - network: the network with its weights, ready for inference.
  ///   - whitening: if images are prepared by `zca`, the matrix, shape `[features, features]`, and the offset that is
  ///     subtracted from the product, shape `[features]`.
  ///   - form: how signs are represented.
  /// - Throws: `NetworkError` with the layer that can't be packed.
  package static func pack(
    _ layout: NetworkLayout, _ network: Network, _ data: DataDescription,
    whitening: (matrix: [Float], offset: [Float])? = nil, form: Form = .folded
  ) throws -> PackedNetwork {
    var packer = NetworkPacker(layout, network, data)
    packer.form = form
    try packer.prepare(data, whitening)
    for item in layout.items { try item.layer.pack(item.name, &packer) }
    packer.makeReal("output")
    let packed = PackedNetwork(input: data.image, operations: packer.operations)
    return form == .folded ? packed.folded() : packed
  }

  /// How signs are represented. `unfolded` serves to explain differences.
  package enum Form: Sendable {
    /// Signs are comparisons of integers.
    case folded
    /// Signs are computed from floats.
    case unfolded
  }

  private init(_ layout: NetworkLayout, _ network: Network, _ data: DataDescription) {
    input = layout.input
    pixels = data.pixelScale
    parameters = Dictionary(network.parameters.map { ($0.name, $0) }) { first, _ in first }
    tensors = Dictionary(network.namedState.map { ($0.name, $0.tensor) }) { first, _ in first }
    place = Place(shape: layout.input)
  }

  private mutating func prepare(_ data: DataDescription, _ whitening: (matrix: [Float], offset: [Float])?) throws {
    switch data.preparation {
    case .scale:
      guard pixels != nil else {
        throw NetworkError(layer: "input", expected: "“lower” and “scale” for each channel", found: "none")
      }
    case .gcn: append("input", .contrasts, type: .real)
    case .zca:
      let features = data.image.features
      guard let whitening, whitening.matrix.count == features * features, whitening.offset.count == features else {
        throw NetworkError(
          layer: "input", expected: "the run's whitening.safetensors",
          found: whitening == nil ? "none" : "one for images of another size")
      }
      append("input", .contrasts, type: .real)
      reshape("input", to: ImageShape(features: features))
      // x·W is a product with Wᵀ.
      let rows = (0..<features).flatMap { row in (0..<features).map { whitening.matrix[$0 * features + row] } }
      append(
        "input",
        .product(
          PackedProduct(
            weights: PackedWeights(rows: features, columns: features, .floats(rows)), windows: nil)), type: .real)
      append("input", .function(.shift(whitening.offset.map { -$0 })), type: .real)
      reshape("input", to: input)
    }
  }

  // MARK: Operations

  /// The shape of the newest value for one image.
  package var shape: ImageShape { place.shape }

  /// Appends an operation that reads the newest value.
  package mutating func append(_ layer: String, _ kind: PackedKind, type: PackedType, output: ImageShape? = nil) {
    append(layer, kind, inputs: [place.value], type: type, output: output ?? place.shape)
    (place.value, place.type, place.shape) = (operations.count, type, output ?? place.shape)
  }

  private mutating func append(
    _ layer: String, _ kind: PackedKind, inputs: [Int], type: PackedType, output: ImageShape
  ) {
    operations.append(PackedOperation(layer: layer, kind, inputs: inputs, type: type, output: output))
  }

  /// Appends a float function of the newest value.
  package mutating func append(_ layer: String, _ function: ChannelFunction) throws {
    makeReal(layer)
    try check(layer, function.numbers)
    append(layer, .function(function), type: .real)
  }

  /// Converts the newest value to floats, if it has another type.
  package mutating func makeReal(_ layer: String) {
    switch place.type {
    case .real, .sums: break
    case .bytes:
      guard let pixels else { preconditionFailure("bytes of other images are converted to floats at once") }
      append(layer, .pixels(pixels), type: .real)
    case .signs: append(layer, .realSigns, type: .real)
    case .levels: append(layer, .realLevels(steps: place.steps), type: .real)
    }
  }

  /// Rounds the newest value to levels 0…steps.
  package mutating func quantize(_ layer: String, steps: Int) {
    makeReal(layer)
    append(layer, .levels(steps: steps), type: .levels)
    place.steps = steps
  }

  /// Appends the signs of the newest value.
  /// - Parameters:
  ///   - thresholds: one per channel; empty for 0.
  ///   - measuresMagnitude: whether the next product is multiplied by the mean magnitude of the values.
  package mutating func sign(_ layer: String, thresholds: [Float] = [], measuresMagnitude: Bool = false) throws {
    makeReal(layer)
    try check(layer, [thresholds])
    var magnitude: Int?
    if measuresMagnitude {
      let pixels = ImageShape(height: place.shape.height, width: place.shape.width, channels: 1)
      append(layer, .magnitude, inputs: [place.value], type: .real, output: pixels)
      magnitude = operations.count
    }
    append(layer, .sign(thresholds: thresholds), type: .signs)
    place.magnitude = magnitude
  }

  /// Pools the newest value, as floats.
  package mutating func pool(_ layer: String, _ kind: Pooling.Kind, _ windows: ImageWindows) {
    makeReal(layer)
    append(layer, .pool(kind, windows), type: .real, output: windows.outputShape(channels: place.shape.channels))
  }

  /// Changes the shape from images to flat rows.
  package mutating func flatten(_ layer: String) {
    if let magnitude = place.magnitude { place.magnitude = averaged(layer, magnitude, over: whole(place.shape)) }
    reshape(layer, to: ImageShape(features: place.shape.features))
  }

  private mutating func reshape(_ layer: String, to shape: ImageShape) {
    let (type, steps, magnitude) = (place.type, place.steps, place.magnitude)
    guard place.value > 0 else {
      // The bytes of an image are a flat row already.
      place.shape = shape
      return
    }
    guard shape != place.shape else { return }
    append(layer, .reshape, type: type, output: shape)
    (place.steps, place.magnitude) = (steps, magnitude)
  }

  private func whole(_ shape: ImageShape) -> ImageWindows {
    guard let windows = ImageWindows(shape, kernel: (shape.height, shape.width), stride: (1, 1), padding: .valid) else {
      preconditionFailure("an image's own size always fits")
    }
    return windows
  }

  // The mean over windows of a value with one number per pixel.
  private mutating func averaged(_ layer: String, _ value: Int, over windows: ImageWindows) -> Int {
    append(
      layer, .pool(.average, windows.over(channels: 1)), inputs: [value], type: .real,
      output: windows.outputShape(channels: 1))
    return operations.count
  }

  // MARK: Blocks

  /// Begins a residual block.
  package mutating func beginBlock(_ layer: String) {
    makeReal(layer)
    blocks.append((place, nil))
  }

  /// Begins the layers of the block's shortcut.
  package mutating func beginShortcut() {
    blocks[blocks.count - 1].body = place
    place = blocks[blocks.count - 1].input
  }

  /// Ends a block with the sum of its layers and its shortcut.
  package mutating func endBlock(_ layer: String, _ shortcut: BlockSum.Shortcut) {
    makeReal(layer)
    let block = blocks.removeLast()
    let body = block.body ?? place
    switch shortcut {
    case .identity: place = block.input
    case .zeroPadding(let subsampling):
      place = block.input
      append(layer, .subsample(subsampling), type: .real, output: subsampling.output)
    case .layers: break
    }
    append(layer, .add, inputs: [body.value, place.value], type: .real, output: body.shape)
    place = Place(value: operations.count, type: .real, shape: body.shape)
  }

  // MARK: Numbers

  /// Returns the elements of a tensor of the network.
  /// - Throws: `NetworkError` if an element is not finite.
  package func numbers(_ layer: String, _ name: String) throws -> [Float] {
    guard let tensor = tensors["\(layer).\(name)"] else {
      throw NetworkError(layer: layer, expected: "the tensor \(layer).\(name)", found: "none")
    }
    try check(layer, [tensor.values])
    return tensor.values
  }

  private func check(_ layer: String, _ numbers: [[Float]]) throws {
    for (place, number) in numbers.joined().enumerated() where !number.isFinite {
      throw NetworkError(layer: layer, expected: "finite numbers", found: "\(number) at index \(place)")
    }
  }

  // MARK: Products

  /// Packs the product of a linear layer or a convolution, with scales and bias.
  package mutating func product(_ layer: String, _ matrix: WeightMatrix, _ windows: ImageWindows? = nil) throws {
    guard let parameter = parameters["\(layer).weights"] else {
      throw NetworkError(layer: layer, expected: "the tensor \(layer).weights", found: "none")
    }
    let (weights, scales) = parameter.packedWeights
    if case .floats(let values) = weights.values { try check(layer, [values]) }
    let output = windows?.outputShape(channels: matrix.rows) ?? ImageShape(features: matrix.rows)
    let (magnitude, roundsInput) = (place.magnitude, parameter.roundsInput)
    place.magnitude = nil
    if let scale = sumScale(weights, windows, roundsInput) {
      append(layer, .product(PackedProduct(weights: weights, windows: windows)), type: .sums, output: output)
      append(layer, .real(scale), type: .real)
    } else {
      makeReal(layer)
      append(
        layer, .product(PackedProduct(weights: weights, windows: windows, roundsInput: roundsInput)), type: .real,
        output: output)
    }
    if let scales { try append(layer, .scale(scales)) }
    if let magnitude {
      let factors = windows.map { averaged(layer, magnitude, over: $0) } ?? magnitude
      append(layer, .scalePixels, inputs: [place.value, factors], type: .real, output: output)
      place.value = operations.count
    }
    if matrix.hasBias { try append(layer, .shift(try numbers(layer, "bias"))) }
  }

  // The scale of integer sums; nil for a float product.
  private func sumScale(_ weights: PackedWeights, _ windows: ImageWindows?, _ roundsInput: Bool) -> PackedScale? {
    guard weights.areWhole else { return nil }
    switch place.type {
    case .real, .sums: return nil
    case .signs:
      guard case .integers = weights.values else { return PackedScale(factor: 1) }
      // A bit b stands for 1 - 2b.
      return scale(weights, windows, lower: 1, factor: -2)
    case .levels:
      guard !roundsInput || place.steps == 1 else { return nil }
      return scale(weights, windows, lower: 0, factor: 1 / Double(place.steps))
    case .bytes:
      // Channels with different factors can't share one integer sum.
      guard !roundsInput, let pixels, let lower = pixels.lower.first, let factor = pixels.scale.first,
        pixels.lower.allSatisfy({ $0 == lower }), pixels.scale.allSatisfy({ $0 == factor })
      else { return nil }
      return scale(weights, windows, lower: Double(lower), factor: Double(factor))
    }
  }

  // Each input is x = lower + factor·n, and 0 or 1 outside of the image. So the part of a sum that does not depend on n is
  // constant in each border class.
  private func scale(
    _ weights: PackedWeights, _ windows: ImageWindows?, lower: Double, factor: Double
  ) -> PackedScale? {
    func sum(_ row: Int, _ columns: some Sequence<Int>) -> Double {
      columns.reduce(0) { $0 + Double(weights[row, $1]) }
    }
    guard let windows else {
      guard lower != 0 else { return PackedScale(factor: factor) }
      return PackedScale(
        factor: factor, offsets: (0..<weights.rows).map { lower * sum($0, 0..<weights.columns) })
    }
    guard let borders = BorderClasses(windows) else { return nil }
    let outside = windows.padding == .sameOne ? 1.0 : 0
    guard lower != 0 || outside != 0 else { return PackedScale(factor: factor) }
    let (channels, width) = (windows.input.channels, windows.kernel.width)
    let offsets = borders.inside.flatMap { inside in
      let columns = inside.rows.flatMap { row in
        inside.columns.flatMap { column in (0..<channels).map { (row * width + column) * channels + $0 } }
      }
      return (0..<weights.rows).map { row in
        let covered = sum(row, columns)
        return lower * covered + outside * (sum(row, 0..<weights.columns) - covered)
      }
    }
    return PackedScale(factor: factor, offsets: offsets, classes: borders.classes)
  }
}

extension Parameter {
  /// Whether float inputs are rounded before the product.
  fileprivate var roundsInput: Bool {
    if case .real(let operand) = form { operand.precision == .bfloat16 } else { false }
  }
}
