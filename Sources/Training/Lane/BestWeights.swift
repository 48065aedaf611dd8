import Tensors

/// A copy of a network's state at its best validation.
struct BestWeights {
  /// Validation accuracy, 0...1.
  private(set) var accuracy = -1.0
  /// Epochs done then.
  private(set) var epoch = 0
  /// The copies.
  private(set) var tensors: [Tensor] = []

  /// Whether anything was kept.
  var isEmpty: Bool { tensors.isEmpty }

  /// Keeps `state` if `accuracy` is better than what was kept.
  /// - Returns: whether it was.
  @discardableResult
  mutating func offer(_ state: [Tensor], accuracy: Double, epoch: Int) -> Bool {
    guard accuracy > self.accuracy else { return false }
    self.accuracy = accuracy
    self.epoch = epoch
    if tensors.isEmpty { tensors = state.map { Tensor(rows: $0.rows, columns: $0.columns) } }
    for (copy, tensor) in zip(tensors, state) { copy.copy(from: tensor) }
    return true
  }

  /// Puts what was kept back into `state`.
  func restore(to state: [Tensor]) {
    for (copy, tensor) in zip(tensors, state) { tensor.copy(from: copy) }
  }
}
