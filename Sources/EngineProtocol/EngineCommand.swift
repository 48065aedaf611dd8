/// What a client asks of the engine.
///
/// Each command is answered: by the event of what it did, with the exact step, or by `EngineEvent.refused` with a reason.
package enum EngineCommand: Hashable, Codable, Sendable {
  /// Tell what can be trained: presets, and data sets, looked for in `dataDirectory` first. Answered by
  /// `EngineEvent.catalog`.
  case describeCatalog(dataDirectory: String?)
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
  /// Give a hyperparameter a new value between two batches. Optimizer state and weights stay as they are; only a
  /// momentum of 0 forgets the velocity.
  case set(Hyperparameter, HyperparameterValue, LaneSelection)
}
