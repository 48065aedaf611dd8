internal import Tensors

/// Tensors that a network needs for a moment only, and that its layers share.
package final class Workspace {
  private let gradients = [Tensor(rows: 0, columns: 0), Tensor(rows: 0, columns: 0)]
  private let output = Tensor(rows: 0, columns: 0)
  /// Windows of images as rows, some images at a time.
  let windows = Tensor(rows: 0, columns: 0)
  /// Tiles of images, and their products with filters, some images at a time.
  let tiles = Tensor(rows: 0, columns: 0)
  let tileProducts = Tensor(rows: 0, columns: 0)

  /// An empty workspace.
  package init() {}

  /// A tensor for an input's gradient, another one than that of the output's gradient.
  func gradient(rows: Int, columns: Int, besides other: Tensor) -> Tensor {
    let tensor = gradients[0].sharesMemory(with: other) ? gradients[1] : gradients[0]
    tensor.reshape(rows: rows, columns: columns)
    return tensor
  }

  /// A tensor for an output that the next layer turns into signs.
  func output(rows: Int, columns: Int) -> Tensor {
    output.reshape(rows: rows, columns: columns)
    return output
  }
}
