internal import Tensors

/// The order in which the images of an epoch are seen.
///
/// The order of epoch `e` is a pure function of the indices, the seed and `e`: lanes with one seed see the same
/// batches, and a run that goes on at epoch 40 need not walk through the epochs before.
package struct BatchIterator: Hashable, Sendable {
  /// The images of an epoch.
  package let indices: [Int32]
  /// The seed of all orders.
  package let seed: UInt64

  /// An iterator over images.
  package init(indices: [Int32], seed: UInt64) {
    self.indices = indices
    self.seed = seed
  }

  /// All indices, each once, in the order of an epoch; consecutive slices of it are the batches.
  /// - Parameter epoch: 0 for the first; not negative.
  package func order(epoch: Int) -> [Int32] {
    precondition(epoch >= 0, "epochs count from 0")
    var order = indices
    var generator = Philox(seed: seed, stream: DatasetStream.batchOrder(epoch: epoch))
    generator.shuffle(&order)
    return order
  }
}
