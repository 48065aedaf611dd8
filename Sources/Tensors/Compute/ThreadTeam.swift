private import CBinaryKernels
private import Foundation
private import Synchronization

/// Divides operations on memory among the threads of a lane.
package struct ThreadTeam {
  /// Number of threads, including the caller.
  package let threads: Int

  private let others: PassThreads?

  /// A team of the calling thread and `threads - 1` others, which are started when first used.
  package init(threads: Int) {
    self.threads = threads
    others = threads > 1 ? PassThreads(count: threads - 1) : nil
  }

  // With fewer elements a thread costs more than it saves.
  private static let smallestPart = 16_384

  /// Calls `body` with ranges that cover `0..<count` elements. Each range but the first starts at a multiple of 128.
  func forEachPart(of count: Int, _ body: (_ part: Int, _ range: Range<Int>) -> Void) {
    forEachRange(of: count, multipleOf: 128, cost: count, body)
  }

  /// Calls `body` with ranges that cover `0..<count`. Each starts at a multiple of `unit`.
  ///
  /// The ranges depend only on the arguments and the number of threads. Calls must not be nested.
  /// - Parameter cost: the total work, as an equivalent number of elements of a simple operation.
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

/// Worker threads that process the parts of one pass after another, together with the calling thread.
///
/// A training step has a hundred passes, and waking a thread takes longer than a short pass. Therefore a waiting thread
/// polls for some microseconds before it sleeps.
final class PassThreads {
  private let passes: SharedPasses
  private var haveStarted = false

  /// Threads that are started by the first pass, and end with this object.
  init(count: Int) {
    passes = SharedPasses(threads: count)
  }

  deinit { if haveStarted { passes.end() } }

  /// Calls `body` once with each of `0..<parts`, on any free thread, and returns when all have completed.
  func perform(_ parts: Int, _ body: (_ part: Int) -> Void) {
    if !haveStarted {
      haveStarted = true
      passes.start()
    }
    withoutActuallyEscaping(body) { passes.perform(parts, $0) }
  }
}

// State shared by the threads. `body` is only called by a thread that has claimed a part, and the pass ends when all
// parts are done.
private final class SharedPasses: @unchecked Sendable {
  private let threads: [Waiter]
  private let caller: Waiter
  // The number of the pass, its number of parts, and the next part: see `Claim`.
  private let claim = Atomic<UInt64>(0)
  private let finished = Atomic<Int>(0)
  private let hasEnded = Atomic<Bool>(false)
  private var pass: UInt32 = 0
  private var body: ((Int) -> Void)?

  // Number of working threads of all teams, including callers. If there are more threads than processors, polling slows
  // other threads down.
  private static let working = Atomic<Int>(0)
  private static let processors = ProcessInfo.processInfo.activeProcessorCount
  // Number of polls with a pause after each: 30 microseconds in all on a Zen 3, at most 70 elsewhere.
  private static let defaultPatience = 1500

  init(threads count: Int) {
    threads = (0..<count).map { _ in Waiter() }
    caller = Waiter()
  }

  private var patience: Int { Self.working.load(ordering: .relaxed) > Self.processors ? 0 : Self.defaultPatience }

  func perform(_ parts: Int, _ body: @escaping (Int) -> Void) {
    precondition(self.body == nil, "expected no pass within a pass")
    self.body = body
    finished.store(0, ordering: .relaxed)
    begin(parts: parts)
    for thread in threads.prefix(parts - 1) { thread.wake() }
    workOnParts(of: pass)
    caller.wait(looking: patience) { self.finished.load(ordering: .sequentiallyConsistent) == parts }
    self.body = nil
  }

  func start() {
    Self.working.add(threads.count + 1, ordering: .relaxed)
    for index in threads.indices {
      let thread = Thread { [self] in work(as: index) }
      thread.stackSize = 8 << 20
      thread.start()
    }
  }

  func end() {
    Self.working.subtract(threads.count + 1, ordering: .relaxed)
    hasEnded.store(true, ordering: .sequentiallyConsistent)
    begin(parts: 0)
    for thread in threads { thread.wake() }
  }

  private func work(as index: Int) {
    var last: UInt32 = 0
    while true {
      threads[index].wait(looking: patience) { Claim(self.claim.load(ordering: .sequentiallyConsistent)).pass != last }
      last = Claim(claim.load(ordering: .sequentiallyConsistent)).pass
      if hasEnded.load(ordering: .sequentiallyConsistent) { return }
      workOnParts(of: last)
    }
  }

  private func begin(parts: Int) {
    pass &+= 1
    claim.store(Claim(pass: pass, parts: parts).word, ordering: .sequentiallyConsistent)
  }

  private func workOnParts(of pass: UInt32) {
    var next = Claim(claim.load(ordering: .acquiring))
    while next.pass == pass, next.part < next.parts {
      let (isMine, found) = claim.compareExchange(
        expected: next.word, desired: next.word + 1, ordering: .acquiringAndReleasing)
      guard isMine else {
        next = Claim(found)
        continue
      }
      body?(next.part)
      // From here on the caller may have started the next pass.
      if finished.add(1, ordering: .sequentiallyConsistent).newValue == next.parts { caller.wake() }
      next = Claim(claim.load(ordering: .acquiring))
    }
  }
}

// A claim on a part, as one word that is exchanged atomically, so that no thread claims a part of a finished pass.
private struct Claim {
  let word: UInt64

  init(_ word: UInt64) { self.word = word }
  init(pass: UInt32, parts: Int) { word = UInt64(pass) << 32 | UInt64(UInt16(parts)) << 16 }

  var pass: UInt32 { UInt32(word >> 32) }
  var parts: Int { Int(word >> 16 & 0xFFFF) }
  var part: Int { Int(word & 0xFFFF) }
}

// One thread that waits for others.
private final class Waiter: Sendable {
  private let isAsleep = Atomic<Bool>(false)
  private let wakes = DispatchSemaphore(value: 0)

  // Each side first writes its own state, then reads the other's, so that at least one of them sees the other's change.
  func wait(looking times: Int, until isDone: () -> Bool) {
    for _ in 0..<times {
      if isDone() { return }
      signflip_relax()
    }
    while !isDone() {
      isAsleep.store(true, ordering: .sequentiallyConsistent)
      if isDone(), isAsleep.exchange(false, ordering: .sequentiallyConsistent) { return }
      wakes.wait()
    }
  }

  func wake() {
    if isAsleep.exchange(false, ordering: .sequentiallyConsistent) { wakes.signal() }
  }
}
