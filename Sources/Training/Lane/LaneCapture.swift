import Dispatch
import Synchronization
import Tensors

/// A request for the weights of a lane that trains, which it copies between two batches.
final class LaneCapture: Sendable {
  /// Whether training must be able to go on from the copy. Otherwise it has no moments and flip counts.
  let isForTraining: Bool

  /// A request.
  init(isForTraining: Bool = false) { self.isForTraining = isForTraining }

  private let result = Mutex<Result<SafetensorsImage, any Error>?>(nil)
  private let arrived = DispatchSemaphore(value: 0)

  /// The lane has ended before it has read the request.
  struct LaneHasEnded: Error {}

  /// Called by the lane.
  func fulfil(_ result: Result<SafetensorsImage, any Error>) {
    self.result.withLock { $0 = result }
    arrived.signal()
  }

  /// Waits for the lane.
  /// - Parameter check: called all the time meanwhile; an error that it throws ends the wait.
  /// - Throws: `LaneHasEnded`, `SafetensorsError`; errors of `check` unchanged.
  func wait(_ check: () throws -> Void) throws -> SafetensorsImage {
    while arrived.wait(timeout: .now() + .milliseconds(20)) != .success { try check() }
    guard let result = result.withLock({ $0 }) else { throw LaneHasEnded() }
    return try result.get()
  }
}
