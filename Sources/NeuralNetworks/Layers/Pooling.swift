package import Tensors

/// Pooling in a list of layers: `maxPool: 2`, `averagePool: {size: 3, stride: 2, border: valid}`.
package struct PoolingPlan: PlannedLayer {
  package static let name = "pooling"
  package static let words = ["maxPool", "averagePool"]
  package static let shortKey: String? = "size"

  /// Maximum or average.
  package var kind: Pooling.Kind
  /// Height and width of a window.
  package var size: Int
  /// The stride.
  package var stride: Int
  /// The padding.
  package var border: LayerPlan.Border

  private enum CodingKeys: String, CodingKey {
    case kind = "_0"
    case size, stride, border
  }

  package init(word: String, _ keys: any LayerKeys) throws {
    guard let size = try keys.integer("size", in: 1...16) else {
      throw keys.wrong("size", expected: "the size of a window")
    }
    self.init(
      word == "maxPool" ? .max : .average, size: size, stride: try keys.integer("stride", in: 1...63) ?? size,
      border: try keys.choice("border") ?? .valid)
  }

  init(_ kind: Pooling.Kind, size: Int, stride: Int, border: LayerPlan.Border) {
    self.kind = kind
    self.size = size
    self.stride = stride
    self.border = border
  }

  package var spelling: (word: String, keys: [(String, LayerValue)]) {
    (
      kind == .max ? "maxPool" : "averagePool",
      [("size", .integer(size)), ("stride", .integer(stride)), ("border", .word(border.rawValue))]
    )
  }

  package var effectOnBias: EffectOnBias { .passes }

  package func fit(_ fitting: inout LayoutFitting, before following: ArraySlice<LayerPlan>) throws {
    let name = fitting.named("pool")
    guard !fitting.hasSigns else {
      throw NetworkError(layer: name, expected: "floats: pool before the sign", found: "signs")
    }
    let windows = try fitting.windows(name, kernel: size, stride: stride, border)
    try fitting.append(name, FittedPooling(kind: kind, windows: windows))
  }
}

/// The mean of each channel over the image, in a list of layers: `globalAveragePool`.
package struct GlobalAveragePoolingPlan: PlannedLayer {
  package static let name = "globalAveragePooling"
  package static let words = ["globalAveragePool"]

  package init(word: String, _ keys: any LayerKeys) throws {}

  init() {}

  package var spelling: (word: String, keys: [(String, LayerValue)]) { ("globalAveragePool", []) }
  package var effectOnBias: EffectOnBias { .passes }

  package func fit(_ fitting: inout LayoutFitting, before following: ArraySlice<LayerPlan>) throws {
    let (name, shape) = (fitting.named("pool"), fitting.shape)
    guard !fitting.hasSigns,
      let windows = ImageWindows(shape, kernel: (shape.height, shape.width), stride: (1, 1), padding: .valid)
    else { throw NetworkError(layer: name, expected: "floats: pool before the sign", found: "signs") }
    try fitting.append(name, FittedPooling(kind: .average, windows: windows))
  }
}

extension LayerPlan {
  /// Maximum or average pooling with square windows.
  package static func pooling(_ kind: Pooling.Kind, size: Int, stride: Int, border: Border) -> LayerPlan {
    LayerPlan(PoolingPlan(kind, size: size, stride: stride, border: border))
  }

  /// The mean of each channel over the image.
  package static let globalAveragePooling = LayerPlan(GlobalAveragePoolingPlan())
}

/// Pooling for a given image shape.
package struct FittedPooling: FittedLayer {
  package static let words = ["maxPool", "averagePool"]

  /// Maximum or average.
  package let kind: Pooling.Kind
  /// The windows.
  package let windows: ImageWindows

  init(kind: Pooling.Kind, windows: ImageWindows) {
    self.kind = kind
    self.windows = windows
  }

  package init(_ description: NetworkDescription.Layer, input: ImageShape) throws {
    self.init(kind: description.layer == "maxPool" ? .max : .average, windows: try description.windows(over: input))
  }

  package func description(_ name: String) -> NetworkDescription.Layer? {
    var layer = NetworkDescription.Layer(kind == .max ? "maxPool" : "averagePool", name)
    layer.windows = .init(windows)
    return layer
  }

  package func output(of input: ImageShape) -> ImageShape { windows.outputShape(channels: input.channels) }

  package func build(_ name: String, _ builder: inout NetworkBuilder) {
    builder.layers.append(Pooling(name: name, kind: kind, windows: windows))
  }

  package func pack(_ name: String, _ packer: inout NetworkPacker) throws { packer.pool(name, kind, windows) }

  package var words: String { "\(kind == .max ? "greatest" : "mean") of \(windows.words)" }
  package var makesFewBits: Bool? { kind == .max ? nil : false }
  package var canBeLast: Bool { kind == .average }
  package var readsInputOnce: Bool { true }
}

/// A layer that may be computed together with the pooling after it.
package protocol PooledLayer: Layer {
  /// Computes the output of this layer and of the pooling after it, a few images at a time, so that the output between
  /// them stays in the cache.
  /// - Returns: nil if the layers run one after the other; then nothing was done.
  func forward(_ input: Activations, pooledBy pooling: Pooling, _ pass: PassContext) -> Activations?
  /// Does what `backward` does for this layer and for the pooling after it, a few images at a time.
  /// - Parameter outputGradient: that of the pooling's output.
  /// - Returns: nil if the layers run one after the other; then nothing was done.
  func backward(
    _ outputGradient: Tensor, pooledBy pooling: Pooling, needsInputGradient: Bool, _ pass: PassContext
  ) -> Tensor?
}

/// The maximum or average of each channel in each window. The gradient of a maximum goes to its position only.
package final class Pooling: Layer {
  /// Maximum or average.
  package enum Kind: String, Codable, Sendable {
    /// The maximum.
    case max
    /// The average over the part of the window inside the image.
    case average
  }

  package let name: String
  /// Maximum or average.
  package let kind: Kind
  /// The windows.
  package let windows: ImageWindows
  private let choices = PoolingChoices()
  private let output: Tensor

  /// Pooling of images.
  package init(name: String, kind: Kind, windows: ImageWindows) {
    self.name = name
    self.kind = kind
    self.windows = windows
    output = Tensor(rows: 0, columns: windows.input.channels)
  }

  package var outputMayBeOverwritten: Bool { true }
  package var keptBytes: Int { 4 * output.count + choices.byteCount }

  package func forward(_ input: Activations, _ pass: PassContext) -> Activations {
    switch kind {
    case .max: pass.compute.maxPool(input.tensor, windows, choices: choices, into: output)
    case .average: pass.compute.averagePool(input.tensor, windows, into: output)
    }
    return .real(output)
  }

  /// Computes the output of a maximum for some images of a batch; the parts of a batch come in order.
  /// - Parameters:
  ///   - first: the place of the images in the batch.
  ///   - batch: the number of images in the batch.
  /// - Returns: the output of the batch, complete after the last part.
  func forward(_ images: Tensor, from first: Int, of batch: Int, _ pass: PassContext) -> Tensor {
    pass.compute.maxPool(images, from: first, of: batch, windows, choices: choices, into: output)
    return output
  }

  /// Computes the input gradient of a maximum for some images of a batch.
  /// - Parameters:
  ///   - outputGradient: that of the batch.
  ///   - first: the place of the images in the batch.
  func backward(_ outputGradient: Tensor, from first: Int, into images: Tensor, _ pass: PassContext) {
    pass.compute.maxPoolGradient(outputGradient, from: first, windows, choices: choices, into: images)
  }

  package func backward(_ outputGradient: Tensor, needsInputGradient: Bool, _ pass: PassContext) -> Tensor {
    guard needsInputGradient else { return outputGradient }
    let inputGradient = pass.workspace.gradient(
      rows: outputGradient.rows / windows.count * windows.input.pixels, columns: windows.input.channels,
      besides: outputGradient)
    switch kind {
    case .max: pass.compute.maxPoolGradient(outputGradient, windows, choices: choices, into: inputGradient)
    case .average: pass.compute.averagePoolGradient(outputGradient, windows, into: inputGradient)
    }
    return inputGradient
  }
}
