/// The interface to a sweep, for its screen.
package protocol SweepClient: AnyObject, Sendable {
  /// Returns the newest state. It is read in the background; this call never waits for a disk.
  func snapshot() -> SweepSnapshot
  /// Sends a command. `reports()` answers it.
  func send(_ command: SweepCommand)
  /// Returns the answers since the last call.
  func reports() -> [SweepReport]
}

/// What a user does with a trial of a sweep.
package enum SweepCommand: Hashable, Sendable {
  /// Stop a trial: it is not trained any further.
  case stop(trial: Int)
  /// Let a trial that halving holds go on.
  case promote(trial: Int)
  /// Train a copy of a trial with other values: `[lane.]key=value`, separated by spaces.
  case fork(trial: Int, changes: String)
}

/// The answer to a command.
package struct SweepReport: Hashable, Sendable {
  /// What was done, or why it was not.
  package var text: String
  /// Whether it was done.
  package var isDone: Bool

  /// An answer.
  package init(_ text: String, isDone: Bool) { (self.text, self.isDone) = (text, isDone) }
}
