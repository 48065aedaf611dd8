package import Tensors

/// What goes from layer to layer in a forward pass; shape `[batch, features]`, of images `[batch·height·width, channels]`.
package enum Activations {
  /// Real numbers.
  case real(Tensor)
  /// ±1, a bit each; some may be dropped.
  case signs(SignBatch)

  /// The real numbers, which is what the network's end and its normalizations have.
  package var tensor: Tensor {
    guard case .real(let tensor) = self else { preconditionFailure("expected real activations, found signs") }
    return tensor
  }

  /// How many rows.
  package var rows: Int {
    switch self {
    case .real(let tensor): tensor.rows
    case .signs(let batch): batch.rows
    }
  }
}
