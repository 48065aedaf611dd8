import Dispatch
import Synchronization

/// A request for a copy of something of a lane that trains, which it makes between two batches.
final class LaneCapture<Copy: Sendable>: Sendable {
  /// Whether training must be able to go on from a copy of the weights. Otherwise it has no moments and flip counts.
  let isForTraining: Bool

  /// A request.
  init(isForTraining: Bool = false) { self.isForTraining = isForTraining }

  private let result = Mutex<Result<Copy, any Error>?>(nil)
  private let arrived = DispatchSemaphore(value: 0)

  /// Called by the lane.
  func fulfil(_ result: Result<Copy, any Error>) {
    self.result.withLock { $0 = result }
    arrived.signal()
  }

  /// Waits for the lane.
  /// - Parameter check: called all the time meanwhile; an error that it throws ends the wait.
  /// - Throws: `LaneHasEnded`; errors of copying and of `check` unchanged.
  func wait(_ check: () throws -> Void) throws -> Copy {
    while arrived.wait(timeout: .now() + .milliseconds(20)) != .success { try check() }
    guard let result = result.withLock({ $0 }) else { throw LaneHasEnded() }
    return try result.get()
  }
}

/// The lane has ended before it has read a request.
struct LaneHasEnded: Error {}
