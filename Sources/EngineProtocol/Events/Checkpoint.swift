/// A lane's state as it was written to the run's directory: what the lane can be put back to.
package struct Checkpoint: Hashable, Codable, Sendable {
  /// Why it was written.
  package enum Reason: String, Hashable, Codable, Sendable, CaseIterable {
    /// Before the first update.
    case start
    /// So many epochs or minutes have gone by.
    case periodic
    /// The validation accuracy was the best so far.
    case best
    /// A hyperparameter was about to change.
    case change
    /// Somebody asked for it.
    case asked
    /// The lane was stopped, or the engine suspended.
    case stop
    /// The lane's last epoch was done.
    case end
    /// The first state of a lane that was forked off.
    case fork
  }

  /// The lane's name.
  package var lane: String
  /// The lane's branch; see `LaneBranch`.
  package var branch: Int
  /// Updates done.
  package var step: Int
  /// Epochs done, with the part of the current one.
  package var epoch: Double
  /// Why it was written.
  package var reason: Reason
  /// The newest validation accuracy, 0...1; nil before the first validation.
  package var validationAccuracy: Double?
  /// The file's size.
  package var bytes: Int
  /// When it was written, in seconds since 1970.
  package var time: Double

  /// Describes a checkpoint.
  package init(
    lane: String, branch: Int, step: Int, epoch: Double, reason: Reason, validationAccuracy: Double?, bytes: Int,
    time: Double
  ) {
    self.lane = lane
    self.branch = branch
    self.step = step
    self.epoch = epoch
    self.reason = reason
    self.validationAccuracy = validationAccuracy
    self.bytes = bytes
    self.time = time
  }
}
