private import Dispatch

/// Cuts a pass over memory into as many parts as a lane has threads.
struct ThreadTeam: Sendable {
  /// How many threads work at once, the caller among them.
  let threads: Int

  // Below this many elements a thread costs more than it saves.
  private static let smallestPart = 16_384

  /// Calls `body` with ranges that cover `0..<count`; all but the last begin at a multiple of 128.
  ///
  /// Every range is a function of `count` and the number of threads alone.
  func forEachPart(of count: Int, _ body: (_ part: Int, _ range: Range<Int>) -> Void) {
    let parts = max(1, min(threads, count / Self.smallestPart))
    guard parts > 1 else {
      body(0, 0..<count)
      return
    }
    let size = (count / parts + 127) / 128 * 128
    withoutActuallyEscaping(body) { escaping in
      nonisolated(unsafe) let work = escaping
      DispatchQueue.concurrentPerform(iterations: parts) { part in
        let begin = min(count, part * size)
        work(part, begin..<(part == parts - 1 ? count : min(count, begin + size)))
      }
    }
  }
}
