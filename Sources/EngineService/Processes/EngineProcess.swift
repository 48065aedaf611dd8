import Foundation

/// A process that was started here; a thread of its own waits for its end, so that nothing of it is left then.
final class EngineProcess: Sendable {
  let identifier: pid_t
  private let ending = Ending()

  init(_ identifier: pid_t) {
    self.identifier = identifier
    let ending = ending
    let thread = Thread {
      var status: Int32 = 0
      while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
      ending.tell(status)
    }
    thread.name = "reaper"
    thread.start()
  }

  /// How it has ended, in words; nil where it has not within `seconds`.
  func end(within seconds: Double) -> String? {
    guard let status = ending.wait(seconds) else { return nil }
    let signal = status & 0x7f
    return signal == 0 ? "it has ended with code \(status >> 8 & 0xff)" : "signal \(signal) has ended it"
  }

  private final class Ending: @unchecked Sendable {
    // `status` is touched under the condition's lock alone.
    private let condition = NSCondition()
    private var status: Int32?

    func tell(_ status: Int32) {
      condition.withLock { self.status = status }
      condition.broadcast()
    }

    func wait(_ seconds: Double) -> Int32? {
      let deadline = Date(timeIntervalSinceNow: seconds)
      return condition.withLock {
        while status == nil, condition.wait(until: deadline) {}
        return status
      }
    }
  }
}
