/// Which experiment to train, and what to change in it.
package struct ExperimentRequest: Hashable, Sendable {
  /// Where the experiment comes from.
  package enum Source: Hashable, Sendable {
    /// A preset by name; nil for the default one of the data set found.
    case preset(String?)
    /// A YAML file.
    case file(String)
    /// YAML that the client has read; errors name it so.
    case text(String, name: String)
  }

  /// Where the experiment comes from.
  package var source: Source
  /// A data set's name or folder that replaces the experiment's; nil keeps it.
  package var dataset: String?
  /// A folder to look for data sets in before all others.
  package var dataDirectory: String?
  /// Replaces the number of epochs of every lane.
  package var epochs: Int?
  /// Replaces the seed.
  package var seed: UInt64?
  /// Changes as in `--set`: `lane.key=value`, or `key=value` for every lane that has the key.
  package var settings: [String]
  /// The lanes to train; nil trains all.
  package var lanes: [String]?
  /// Threads of each lane; nil shares the cores among the lanes.
  package var threads: Int?
  /// The folder of runs that gets the run's directory; nil for the standard one.
  package var runsDirectory: String?
  /// Whether the run leaves a directory.
  package var isRecorded: Bool
  /// A steering script: YAML with the changes to make, each at its step; nil for none.
  package var steering: String?
  /// How errors name the steering script: its file; nil for “steering script”.
  package var steeringName: String?

  /// A request for an experiment, unchanged unless told otherwise.
  package init(
    source: Source, dataset: String? = nil, dataDirectory: String? = nil, epochs: Int? = nil, seed: UInt64? = nil,
    settings: [String] = [], lanes: [String]? = nil, threads: Int? = nil,
    runsDirectory: String? = nil, isRecorded: Bool = true, steering: String? = nil,
    steeringName: String? = nil
  ) {
    self.source = source
    self.dataset = dataset
    self.dataDirectory = dataDirectory
    self.epochs = epochs
    self.seed = seed
    self.settings = settings
    self.lanes = lanes
    self.threads = threads
    self.runsDirectory = runsDirectory
    self.isRecorded = isRecorded
    self.steering = steering
    self.steeringName = steeringName
  }
}
