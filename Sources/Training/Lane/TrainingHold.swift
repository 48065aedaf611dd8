import Synchronization

/// Holds all lanes between two batches while something else needs the whole machine.
///
/// Unlike a pause by the user it is not an order to a lane: a lane that was paused stays paused, the others go on at
/// its end, and nothing of it is recorded.
final class TrainingHold: Sendable {
  private struct State {
    var reason: String?
    // The lanes that are between two batches and do nothing.
    var still: Set<String> = []
  }

  private let state = Mutex(State())

  /// What the lanes are held for, for display: “the timing of binary”; nil if they are not.
  var reason: String? { state.withLock(\.reason) }

  /// Starts to hold lanes. Those that wait already need not be woken.
  func begin(_ reason: String) { state.withLock { $0.reason = reason } }

  /// Ends the hold. The lanes must be woken after that.
  func end() { state.withLock { $0.reason = nil } }

  /// Returns whether a lane is between two batches and does nothing.
  func isStill(_ lane: String) -> Bool { state.withLock { $0.still.contains(lane) } }

  /// Called by a lane that is about to wait between two batches.
  func rest(_ lane: String) { state.withLock { _ = $0.still.insert(lane) } }

  /// Called by a lane that is about to go on.
  /// - Parameter isEnding: whether it does no more updates, so that it need not be held.
  /// - Returns: false if it must wait.
  func leave(_ lane: String, isEnding: Bool) -> Bool {
    state.withLock { state in
      guard state.reason == nil || isEnding else { return false }
      state.still.remove(lane)
      return true
    }
  }
}
