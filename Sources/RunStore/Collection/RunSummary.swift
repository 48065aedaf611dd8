/// A run in a list of runs.
package struct RunSummary: Hashable, Codable, Sendable {
  /// How a run stands.
  package enum State: Hashable, Codable, Sendable {
    /// An engine has it; its process.
    case training(process: Int)
    /// Every lane has done its last epoch.
    case finished
    /// Every lane has ended, one at least because somebody stopped it.
    case stopped
    /// Lanes have not ended, and no engine has the run: it can be gone on with.
    case interrupted
    /// It could not be started, a lane has failed and none is left to go on with, or it can't be read.
    case failed
  }

  /// A lane in a list of runs.
  package struct Lane: Hashable, Codable, Sendable {
    /// The lane's name.
    package var name: String
    /// The best validation accuracy so far, 0...1.
    package var bestValidationAccuracy: Double?
    /// The accuracy on the test set, 0...1; nil before the lane's end.
    package var testAccuracy: Double?
    /// Updates done.
    package var steps: Int
    /// Why the lane failed; nil when it did not.
    package var failure: String?
  }

  /// The run's name: that of its directory.
  package var id: String
  /// The run's directory.
  package var directory: String
  /// The experiment's name.
  package var name: String
  /// The data set's name; empty where it is not known.
  package var dataset: String
  /// The lanes, those forked off included.
  package var lanes: [Lane]
  /// When the run was started, in seconds since 1970.
  package var startedAt: Double
  /// How the run stands.
  package var state: State
  /// What its directory takes on the disk.
  package var bytes: Int
  /// Why the run can't be read, or why it failed; nil where all is well.
  package var problem: String?
}
