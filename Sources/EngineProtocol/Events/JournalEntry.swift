/// A change that took effect in a lane, and where: the marks on every chart of that lane.
package struct JournalEntry: Hashable, Sendable {
  /// The lane's name.
  package var lane: String
  /// The lane's branch; see `LaneBranch`.
  package var branch: Int
  /// Updates done when the change took effect: the next one is the first that it decides.
  package var step: Int
  /// What changed.
  package var change: Change
  /// Seconds that the lane had worked.
  package var seconds: Double
  /// Who asked for it: a client's name, “steering script”; empty within the engine's own process.
  package var origin: String
  /// Which change of the lane's steering script it is, from 0; nil where it is none.
  package var scriptIndex: Int?

  /// What a command did.
  package enum Change: Hashable, Sendable {
    /// A hyperparameter got a new value.
    case set(Hyperparameter, old: HyperparameterValue, new: HyperparameterValue)
    /// Training was paused.
    case paused
    /// Training went on.
    case resumed
    /// One update was done, and the lane holds again.
    case stepped
    /// Training goes on, to hold when so many epochs are done.
    case runsToEpoch(Int)
    /// Training was told to stop here.
    case stopped
    /// The lane was put back to a checkpoint, the entry's step, and goes on in a new branch.
    case rewound(from: Int)
    /// Another lane was forked off at the entry's step.
    case forked(into: String)
  }

  /// A change of a lane at a step.
  package init(
    lane: String, branch: Int = 1, step: Int, change: Change, seconds: Double, origin: String = "",
    scriptIndex: Int? = nil
  ) {
    self.lane = lane
    self.branch = branch
    self.step = step
    self.change = change
    self.seconds = seconds
    self.origin = origin
    self.scriptIndex = scriptIndex
  }
}
