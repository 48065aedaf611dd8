internal import Tensors

/// Scratch tensors that the layers of a network share.
package final class Workspace {
  private var gradients = [Tensor(rows: 0, columns: 0), Tensor(rows: 0, columns: 0)]
  // Gradients that residual blocks need later, the newest last.
  private var held: [Tensor] = []
  private let output = Tensor(rows: 0, columns: 0)
  /// Windows of a few images as rows.
  let windows = Tensor(rows: 0, columns: 0)
  /// Winograd tiles of a few images, and their products with filters.
  let tiles = Tensor(rows: 0, columns: 0)
  let tileProducts = Tensor(rows: 0, columns: 0)

  /// An empty workspace.
  package init() {}

  /// Returns a tensor for an input gradient that is neither the output gradient nor held.
  func gradient(rows: Int, columns: Int, besides other: Tensor) -> Tensor {
    let tensor = unusedGradient(besides: other)
    tensor.reshape(rows: rows, columns: columns)
    return tensor
  }

  /// Prevents a gradient from being handed out again until `release`.
  func hold(_ gradient: Tensor) { held.append(gradient) }

  /// Returns a copy of a gradient, and holds it.
  func holdCopy(of gradient: Tensor) -> Tensor {
    let copy = self.gradient(rows: gradient.rows, columns: gradient.columns, besides: gradient)
    copy.copy(from: gradient)
    hold(copy)
    return copy
  }

  /// Releases the gradient that was held last.
  func release() { held.removeLast() }

  private func unusedGradient(besides other: Tensor) -> Tensor {
    for tensor in gradients
    where !tensor.sharesMemory(with: other) && !held.contains(where: { $0.sharesMemory(with: tensor) }) {
      return tensor
    }
    // Grows to the depth of nested blocks in the first step.
    let tensor = Tensor(rows: 0, columns: 0)
    gradients.append(tensor)
    return tensor
  }

  /// Returns a tensor for an output that the next layer binarizes.
  func output(rows: Int, columns: Int) -> Tensor {
    output.reshape(rows: rows, columns: columns)
    return output
  }
}
