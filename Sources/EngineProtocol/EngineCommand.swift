/// What a client asks of the engine.
///
/// Each command is answered: by the event of what it did, with the exact step, or by `EngineEvent.refused` with a reason.
package enum EngineCommand: Hashable, Codable, Sendable {
  /// Tell what can be trained: presets and data sets. Answered by `EngineEvent.catalog`.
  case describeCatalog
  /// Make the experiment ready and start its lanes.
  case start(ExperimentRequest)
  /// Hold the lanes between two batches.
  case pause(LaneSelection)
  /// Let paused lanes go on.
  case resume(LaneSelection)
  /// Let paused lanes do one update and hold again.
  case singleStep(LaneSelection)
  /// Let lanes train until `epoch` epochs are done, then hold.
  case runToEpoch(Int, LaneSelection)
  /// End the training of the lanes between two batches; what was learned is kept and tested.
  case stop(LaneSelection)
  /// Give a hyperparameter a new value between two batches. Optimizer state and weights stay as they are.
  case set(Hyperparameter, HyperparameterValue, LaneSelection)
}

/// Names a command in the event that answers it.
package struct CommandID: Hashable, Codable, Sendable {
  /// Unique within a client's connection.
  package let rawValue: Int
  /// The name of the `rawValue`-th command.
  package init(_ rawValue: Int) { self.rawValue = rawValue }
}

/// Which experiment to train, and what to change in it.
package struct ExperimentRequest: Hashable, Codable, Sendable {
  /// Where the experiment comes from.
  package enum Source: Hashable, Codable, Sendable {
    /// A preset by name; nil for the default one of the data set found.
    case preset(String?)
    /// A YAML file.
    case file(String)
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

  /// A request for an experiment, unchanged unless told otherwise.
  package init(
    source: Source, dataset: String? = nil, dataDirectory: String? = nil, epochs: Int? = nil, seed: UInt64? = nil,
    settings: [String] = [], lanes: [String]? = nil
  ) {
    self.source = source
    self.dataset = dataset
    self.dataDirectory = dataDirectory
    self.epochs = epochs
    self.seed = seed
    self.settings = settings
    self.lanes = lanes
  }
}
