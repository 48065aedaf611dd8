import Datasets
import Testing

@Suite("The order of an epoch")
struct BatchIteratorTests {
  private let indices = [Int32](stride(from: 0, to: 3_000, by: 3))

  @Test("every index once, in every epoch", arguments: [0, 1, 2, 199])
  func permutation(epoch: Int) {
    let order = BatchIterator(indices: indices, seed: 5).order(epoch: epoch)
    #expect(order != indices)
    #expect(order.sorted() == indices)
  }

  @Test("the same seed gives the same order, whichever epochs were asked for before")
  func independence() {
    let first = BatchIterator(indices: indices, seed: 5)
    let second = BatchIterator(indices: indices, seed: 5)
    for epoch in 0..<5 { _ = first.order(epoch: epoch) }
    #expect(first.order(epoch: 40) == second.order(epoch: 40))
  }

  @Test("epochs and seeds differ")
  func differences() {
    let orders = [(1, 0), (1, 1), (1, 2), (2, 0)].map { seed, epoch in
      BatchIterator(indices: indices, seed: UInt64(seed)).order(epoch: epoch)
    }
    #expect(Set(orders).count == orders.count)
  }

  @Test("the order of a seed never changes")
  func pinned() {
    #expect(BatchIterator(indices: [Int32](0..<10), seed: 1).order(epoch: 3) == [1, 4, 6, 7, 9, 2, 3, 8, 0, 5])
  }

  @Test("no indices, no order")
  func empty() {
    #expect(BatchIterator(indices: [], seed: 1).order(epoch: 0).isEmpty)
  }
}
