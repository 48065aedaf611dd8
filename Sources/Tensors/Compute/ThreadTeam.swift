/// Cuts a pass over memory into as many parts as a lane has threads.
package struct ThreadTeam {
  /// How many threads work at once, the caller among them.
  package let threads: Int

  private let others: PassThreads?

  /// A team of the calling thread and `threads - 1` more, which its first pass starts.
  package init(threads: Int) {
    self.threads = threads
    others = threads > 1 ? PassThreads(count: threads - 1) : nil
  }

  // Below this many elements a thread costs more than it saves.
  private static let smallestPart = 16_384

  /// Calls `body` with ranges that cover `0..<count` elements; all but the last begin at a multiple of 128.
  func forEachPart(of count: Int, _ body: (_ part: Int, _ range: Range<Int>) -> Void) {
    forEachRange(of: count, multipleOf: 128, cost: count, body)
  }

  /// Calls `body` with ranges that cover `0..<count`; each begins at a multiple of `unit`.
  ///
  /// Every range is a function of the arguments and the number of threads alone. One pass at a time: `body` begins none.
  /// - Parameter cost: the work in all, as the number of elements of a simple pass.
  package func forEachRange(
    of count: Int, multipleOf unit: Int, cost: Int, _ body: (_ part: Int, _ range: Range<Int>) -> Void
  ) {
    let units = (count + unit - 1) / unit
    let parts = max(1, min(threads, cost / Self.smallestPart, units))
    guard parts > 1, let others else {
      body(0, 0..<count)
      return
    }
    others.perform(parts) { part in
      body(part, min(count, units * part / parts * unit)..<min(count, units * (part + 1) / parts * unit))
    }
  }
}
