package import Tensors

/// Images `[batch·height·width, channels]` as rows `[batch, height·width·channels]`, in the order height, width, channel.
package final class Flatten: Layer {
  package let name: String
  /// The images.
  package let shape: ImageShape
  // Of signs the bits move together; real numbers stay where they are.
  private let signs: SignBatch
  private var hasSigns = false
  // Whether signs were dropped before; their own layer knows.
  private var wasDropped = false

  /// A flattening of images.
  package init(name: String, shape: ImageShape) {
    self.name = name
    self.shape = shape
    signs = SignBatch(features: shape.features)
  }

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
    // What a dropout behind this layer has dropped of the signs, it has marked in them.
    if hasSigns, !wasDropped, signs.kept != nil { pass.compute.gate(outputGradient, by: .kept(signs)) }
    return outputGradient.view(columns: shape.channels)
  }
}
