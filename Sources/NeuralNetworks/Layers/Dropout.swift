package import Tensors

/// Dropout in a list of layers: `dropout`; of the input where it is the first layer, else of hidden units.
package struct DropoutPlan: PlannedLayer {
  package static let name = "dropout"
  package static let words = ["dropout"]

  package init(word: String, _ keys: any LayerKeys) throws {}

  init() {}

  package var spelling: (word: String, keys: [(String, LayerValue)]) { ("dropout", []) }

  package func fit(_ fitting: inout LayoutFitting, before following: ArraySlice<LayerPlan>) throws {
    guard !fitting.hasDropped else {
      throw NetworkError(
        layer: fitting.named("dropout"), expected: "a layer with weights before it", found: "another dropout")
    }
    let isOfInput = fitting.stem == nil
    let name = isOfInput ? "inputDropout" : fitting.named("dropout")
    try fitting.append(name, FittedDropout(features: fitting.shape.channels, isOfInput: isOfInput))
    fitting.hasDropped = true
  }
}

extension LayerPlan {
  /// Dropout: of the input where it is the first layer, else of hidden units.
  package static let dropout = LayerPlan(DropoutPlan())
}

/// A dropout that is fitted to its input. It does nothing in inference, so no checkpoint describes it.
package struct FittedDropout: FittedLayer {
  package static let words: [String] = []

  /// Channels.
  package let features: Int
  /// Whether it drops inputs of the network rather than hidden units.
  package let isOfInput: Bool

  init(features: Int, isOfInput: Bool) {
    self.features = features
    self.isOfInput = isOfInput
  }

  package init(_ description: NetworkDescription.Layer, input: ImageShape) throws {
    throw description.wrong("a layer of an inference", "a dropout")
  }

  package func description(_ name: String) -> NetworkDescription.Layer? { nil }

  package func build(_ name: String, _ builder: inout NetworkBuilder) {
    guard let plan = builder.plan else { return }
    builder.layers.append(
      Dropout(
        name: name, features: features, rate: isOfInput ? plan.inputDropout : plan.dropout,
        stream: isOfInput ? NetworkLayout.Streams.dropout : builder.nextDropoutStream(), isOfInput: isOfInput))
  }

  package var words: String { "dropout" }
  package var makesFewBits: Bool? { nil }
  package var takesSigns: Bool { true }
}

/// Inverted dropout: in training `y = x/(1 - rate)` with probability `1 - rate`, else 0; in inference `y = x`.
/// - SeeAlso: Srivastava et al. 2014, JMLR 15(56).
package final class Dropout: Layer {
  package let name: String
  /// The share of units set to zero.
  package private(set) var rate: Float
  /// Whether it drops inputs of the network rather than hidden units.
  package let isOfInput: Bool
  private let stream: UInt32
  private let mask = DropoutMask()
  private let output: Tensor
  private var hasDropped = false

  /// A dropout of `features` features, drawing from the random stream number `stream`.
  package init(name: String, features: Int, rate: Float, stream: UInt32, isOfInput: Bool = false) {
    self.name = name
    self.rate = rate
    self.stream = stream
    self.isOfInput = isOfInput
    output = Tensor(rows: 0, columns: features)
  }

  package var passesInputThrough: Bool { true }
  package var keptBytes: Int { hasDropped ? mask.byteCount + 4 * output.count : 0 }

  package func apply(_ settings: LayerSettings) { rate = isOfInput ? settings.inputDropout : settings.dropout }

  package func forward(_ input: Activations, _ pass: PassContext) -> Activations {
    hasDropped = false
    guard pass.isTraining && rate > 0 else { return input }
    switch input {
    case .signs(let batch):
      // The signs know what is dropped of them, and stop its gradient themselves.
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
