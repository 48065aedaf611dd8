internal import Tensors

/// Tensors that a network needs for a moment only, and that its layers share.
package final class Workspace {
  private var gradients = [Tensor(rows: 0, columns: 0), Tensor(rows: 0, columns: 0)]
  // What a residual block needs later, the newest last.
  private var held: [Tensor] = []
  private let output = Tensor(rows: 0, columns: 0)
  /// Windows of images as rows, some images at a time.
  let windows = Tensor(rows: 0, columns: 0)
  /// Tiles of images, and their products with filters, some images at a time.
  let tiles = Tensor(rows: 0, columns: 0)
  let tileProducts = Tensor(rows: 0, columns: 0)

  /// An empty workspace.
  package init() {}

  /// A tensor for an input's gradient, another one than that of the output's gradient and than those that are held.
  func gradient(rows: Int, columns: Int, besides other: Tensor) -> Tensor {
    let tensor = unusedGradient(besides: other)
    tensor.reshape(rows: rows, columns: columns)
    return tensor
  }

  /// Keeps a gradient from being handed out again until `release`.
  func hold(_ gradient: Tensor) { held.append(gradient) }

  /// A copy of a gradient, held.
  func holdCopy(of gradient: Tensor) -> Tensor {
    let copy = self.gradient(rows: gradient.rows, columns: gradient.columns, besides: gradient)
    copy.copy(from: gradient)
    hold(copy)
    return copy
  }

  /// Lets go of what was held last.
  func release() { held.removeLast() }

  private func unusedGradient(besides other: Tensor) -> Tensor {
    for tensor in gradients
    where !tensor.sharesMemory(with: other) && !held.contains(where: { $0.sharesMemory(with: tensor) }) {
      return tensor
    }
    // As many as blocks stand in each other ask for; the first step finds out.
    let tensor = Tensor(rows: 0, columns: 0)
    gradients.append(tensor)
    return tensor
  }

  /// A tensor for an output that the next layer turns into signs.
  func output(rows: Int, columns: Int) -> Tensor {
    output.reshape(rows: rows, columns: columns)
    return output
  }
}
