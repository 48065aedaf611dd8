import Tensors

/// Layers in a row: of a network, or beside a shortcut.
package struct LayerSequence {
  /// The layers, in the order of the forward pass; a residual block is one.
  package let layers: [any Layer]

  /// A row of layers.
  package init(_ layers: [any Layer]) { self.layers = layers }

  /// The layers with those of residual blocks in the blocks' places.
  package var leaves: [any Layer] { layers.flatMap(\.leaves) }

  /// Bytes of activations that the layers keep for a backward pass.
  var keptBytes: Int { layers.reduce(0) { $0 + $1.keptBytes } }

  /// The output for `input`.
  func forward(_ input: Activations, _ pass: PassContext) -> Activations {
    layers.reduce(input) { $1.forward($0, pass) }
  }

  /// Sets the gradients of all parameters.
  /// - Returns: the input's gradient; unspecified where it is not needed.
  func backward(_ outputGradient: Tensor, needsInputGradient: Bool, _ pass: PassContext) -> Tensor {
    // Below the first layer that learns, nobody reads a gradient that is not asked for.
    let first = needsInputGradient ? 0 : layers.firstIndex { !$0.parameters.isEmpty } ?? layers.count
    var gradient = outputGradient
    for (index, layer) in layers.enumerated().reversed() where index >= first {
      gradient = layer.backward(gradient, needsInputGradient: needsInputGradient || index > first, pass)
    }
    return gradient
  }
}
