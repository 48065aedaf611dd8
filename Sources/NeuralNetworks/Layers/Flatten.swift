package import Tensors

/// Flattening of images in a list of layers: `flatten`.
package struct FlattenPlan: PlannedLayer {
  package static let name = "flatten"
  package static let words = ["flatten"]

  package init(word: String, _ keys: any LayerKeys) throws {}

  init() {}

  package var spelling: (word: String, keys: [(String, LayerValue)]) { ("flatten", []) }
  package var effectOnBias: EffectOnBias { .passes }

  package func fit(_ fitting: inout LayoutFitting, before following: ArraySlice<LayerPlan>) throws {
    guard fitting.shape.pixels > 1 else { return }
    try fitting.append(fitting.named("flatten"), FittedFlatten(shape: fitting.shape))
  }
}

extension LayerPlan {
  /// Flattens an image into a row.
  package static let flatten = LayerPlan(FlattenPlan())
}

/// Flattening for a given image shape.
package struct FittedFlatten: FittedLayer {
  package static let words = ["flatten"]

  /// The shape of the images.
  package let shape: ImageShape

  init(shape: ImageShape) { self.shape = shape }

  package init(_ description: NetworkDescription.Layer, input: ImageShape) throws { self.init(shape: input) }

  package func description(_ name: String) -> NetworkDescription.Layer? { .init("flatten", name) }

  package func output(of input: ImageShape) -> ImageShape { ImageShape(features: input.features) }

  package func build(_ name: String, _ builder: inout NetworkBuilder) {
    builder.layers.append(Flatten(name: name, shape: shape))
  }

  package func pack(_ name: String, _ packer: inout NetworkPacker) throws { packer.flatten(name) }

  package var words: String { "flatten" }
  package var makesFewBits: Bool? { nil }
  package var takesSigns: Bool { true }
}

/// Reshapes images `[batch·height·width, channels]` to rows `[batch, height·width·channels]`, in the order height,
/// width, channel.
package final class Flatten: Layer {
  package let name: String
  /// The shape of the images.
  package let shape: ImageShape
  // Signs are repacked; floats are only reshaped.
  private let signs: SignBatch
  private var hasSigns = false
  // Whether signs were dropped before this layer, in which case the layer that made the signs handles it.
  private var wasDropped = false

  /// Flattening of images of a shape.
  package init(name: String, shape: ImageShape) {
    self.name = name
    self.shape = shape
    signs = SignBatch(features: shape.features)
  }

  package var passesInputThrough: Bool { true }
  package var keptBytes: Int { hasSigns ? signs.byteCount : 0 }

  package func forward(_ input: Activations, _ pass: PassContext) -> Activations {
    switch input {
    case .real(let images):
      hasSigns = false
      return .real(images.view(columns: shape.features))
    case .signs(let images):
      (hasSigns, wasDropped) = (true, images.kept != nil)
      pass.compute.flatten(images, shape, into: signs)
      return .signs(signs)
    }
  }

  package func backward(_ outputGradient: Tensor, needsInputGradient: Bool, _ pass: PassContext) -> Tensor {
    // A dropout after this layer marks the signs that it has dropped.
    if hasSigns, !wasDropped, signs.kept != nil { pass.compute.gate(outputGradient, by: .kept(signs)) }
    return outputGradient.view(columns: shape.channels)
  }
}
