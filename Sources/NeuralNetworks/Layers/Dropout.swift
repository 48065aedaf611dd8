package import Tensors

/// Dropout in a list of layers: `dropout`, or `dropout: 0.3` with a rate of its own.
///
/// As the first layer it drops inputs of the network, otherwise hidden units.
package struct DropoutPlan: PlannedLayer {
  package static let name = "dropout"
  package static let words = ["dropout"]
  package static let shortKey: String? = "rate"
  package static let standsAlone = true

  /// The dropout rate; nil for the lane's `dropout` or `inputDropout`, which can be changed during training.
  package var rate: Float?

  package init(word: String, _ keys: any LayerKeys) throws { rate = try keys.number("rate", in: 0...0.95) }

  init(rate: Float?) { self.rate = rate }

  package var spelling: (word: String, keys: [(String, LayerValue)]) {
    ("dropout", rate.map { [("rate", .number($0))] } ?? [])
  }

  package func fit(_ fitting: inout LayoutFitting, before following: ArraySlice<LayerPlan>) throws {
    guard !fitting.hasDropped else {
      throw NetworkError(
        layer: fitting.named("dropout"), expected: "a layer with weights before it", found: "another dropout")
    }
    let isOfInput = fitting.stem == nil
    let name = isOfInput ? "inputDropout" : fitting.named("dropout")
    try fitting.append(name, FittedDropout(features: fitting.shape.channels, isOfInput: isOfInput, rate: rate))
    fitting.hasDropped = true
  }
}

extension LayerPlan {
  /// Dropout with the lane's rate: of the network's input as the first layer, otherwise of hidden units.
  package static let dropout = LayerPlan(DropoutPlan(rate: nil))

  /// Dropout with a rate of its own.
  package static func dropout(rate: Float) -> LayerPlan { LayerPlan(DropoutPlan(rate: rate)) }
}

/// Dropout for a given input shape. Checkpoints omit it, because it has no effect in inference.
package struct FittedDropout: FittedLayer {
  package static let words: [String] = []

  /// Channels.
  package let features: Int
  /// Whether it drops inputs of the network rather than hidden units.
  package let isOfInput: Bool
  /// The layer's own rate; nil for the lane's.
  package let rate: Float?

  init(features: Int, isOfInput: Bool, rate: Float?) {
    self.features = features
    self.isOfInput = isOfInput
    self.rate = rate
  }

  package init(_ description: NetworkDescription.Layer, input: ImageShape) throws {
    throw description.wrong("a layer that inference uses", "a dropout")
  }

  package func description(_ name: String) -> NetworkDescription.Layer? { nil }

  package func build(_ name: String, _ builder: inout NetworkBuilder) {
    guard let plan = builder.plan else { return }
    builder.layers.append(
      Dropout(
        name: name, features: features, rate: rate ?? (isOfInput ? plan.inputDropout : plan.dropout),
        stream: isOfInput ? NetworkLayout.Streams.dropout : builder.nextDropoutStream(), isOfInput: isOfInput,
        isFixed: rate != nil))
  }

  package func pack(_ name: String, _ packer: inout NetworkPacker) throws {}

  package var words: String { rate.map { "dropout \($0)" } ?? "dropout" }
  package var makesFewBits: Bool? { nil }
  package var takesSigns: Bool { true }
}

/// Inverted dropout: in training `y = x/(1 - rate)` with probability `1 - rate`, else 0; in inference `y = x`.
/// - SeeAlso: Srivastava et al. 2014, JMLR 15(56).
package final class Dropout: Layer {
  package let name: String
  /// The dropout rate.
  package private(set) var rate: Float
  /// Whether it drops inputs of the network rather than hidden units.
  package let isOfInput: Bool
  private let isFixed: Bool
  private let stream: UInt32
  private let mask = DropoutMask()
  private let output: Tensor
  private var hasDropped = false

  /// Dropout of `features` features, using the random stream `stream`.
  /// - Parameter isFixed: whether the layer has a rate of its own, which settings do not change.
  package init(
    name: String, features: Int, rate: Float, stream: UInt32, isOfInput: Bool = false, isFixed: Bool = false
  ) {
    self.name = name
    self.rate = rate
    self.stream = stream
    self.isOfInput = isOfInput
    self.isFixed = isFixed
    output = Tensor(rows: 0, columns: features)
  }

  package var passesInputThrough: Bool { true }
  package var keptBytes: Int { hasDropped ? mask.byteCount + 4 * output.count : 0 }

  package func apply(_ settings: LayerSettings) {
    if !isFixed { rate = isOfInput ? settings.inputDropout : settings.dropout }
  }

  package func forward(_ input: Activations, _ pass: PassContext) -> Activations {
    hasDropped = false
    guard pass.isTraining && rate > 0 else { return input }
    switch input {
    case .signs(let batch):
      // The batch of signs records which are dropped; the layer that made the signs stops their gradient.
      pass.compute.dropout(batch, rate: rate, random: pass.random(stream: stream))
      return input
    case .real(let tensor):
      hasDropped = true
      pass.compute.dropout(tensor, rate: rate, random: pass.random(stream: stream), mask: mask, into: output)
      return .real(output)
    }
  }

  package func backward(_ outputGradient: Tensor, needsInputGradient: Bool, _ pass: PassContext) -> Tensor {
    guard hasDropped, needsInputGradient else { return outputGradient }
    pass.compute.dropoutGradient(outputGradient, mask: mask)
    return outputGradient
  }
}
