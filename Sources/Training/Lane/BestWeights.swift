import Tensors

/// A copy of a network's state at its best validation.
struct BestWeights {
  /// Validation accuracy, 0...1.
  private(set) var accuracy = -1.0
  /// Epochs done then.
  private(set) var epoch = 0
  /// Whether the network computed with float weights then, in place of binary ones.
  private(set) var isFloat = false
  /// The copies.
  private(set) var tensors: [Tensor] = []

  /// Whether anything was kept.
  var isEmpty: Bool { tensors.isEmpty }

  /// Keeps `state` if `accuracy` is better than what was kept. What a lane is to come to has binary weights: these go before
  /// float ones, however good.
  /// - Returns: whether it was.
  @discardableResult
  mutating func offer(_ state: [Tensor], accuracy: Double, epoch: Int, isFloat: Bool = false) -> Bool {
    guard isEmpty || isFloat == self.isFloat ? accuracy > self.accuracy : !isFloat else { return false }
    self.isFloat = isFloat
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
