private import COneDNN
private import Dispatch
private import Synchronization

/// Threads that compute independent products, each using one oneDNN thread.
///
/// A result does not depend on which thread computes it, nor on the number of threads.
final class ProductCrew {
  private let computes: [Compute]

  /// A crew of so many threads.
  init(threads: Int) {
    precondition(threads > 0, "expected at least one thread")
    computes = ProductCrew.onOneThread { (0..<threads).map { _ in Compute(threads: 1) } }
  }

  /// Calls `body` with each of `0..<count`, and with a backend to compute with.
  func forEach(_ count: Int, _ body: (_ index: Int, _ compute: Compute) -> Void) {
    let next = Atomic<Int>(0)
    withoutActuallyEscaping(body) { escaping in
      nonisolated(unsafe) let (work, computes) = (escaping, computes)
      DispatchQueue.concurrentPerform(iterations: min(count, computes.count)) { thread in
        ProductCrew.onOneThread {
          while true {
            let index = next.add(1, ordering: .relaxed).oldValue
            guard index < count else { return }
            work(index, computes[thread])
          }
        }
      }
    }
  }

  // oneDNN's number of threads is a setting of the calling thread, which may be a lane's.
  private static func onOneThread<Value>(_ work: () -> Value) -> Value {
    let previous = omp_get_max_threads()
    omp_set_num_threads(1)
    defer { omp_set_num_threads(previous) }
    return work()
  }
}
