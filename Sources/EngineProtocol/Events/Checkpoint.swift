/// A checkpoint of a lane in the run's directory, from which the lane can be rewound or forked.
package struct Checkpoint: Hashable, Codable, Sendable {
  /// Why it was written.
  package enum Reason: String, Hashable, Codable, Sendable, CaseIterable {
    /// Before the first update.
    case start
    /// After the configured number of epochs or minutes.
    case periodic
    /// The validation accuracy was the best so far.
    case best
    /// A hyperparameter was about to change.
    case change
    /// A user asked for it.
    case asked
    /// The lane was stopped, or the engine suspended.
    case stop
    /// The lane's last epoch was done.
    case end
    /// The first state of a forked lane.
    case fork
  }

  /// The lane's name.
  package var lane: String
  /// The lane's branch; see `LaneBranch`.
  package var branch: Int
  /// Updates done.
  package var step: Int
  /// Epochs done, including the fraction of the current one.
  package var epoch: Double
  /// Why it was written.
  package var reason: Reason
  /// The newest validation accuracy, 0...1; nil before the first validation.
  package var validationAccuracy: Double?
  /// The file's size in bytes.
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
