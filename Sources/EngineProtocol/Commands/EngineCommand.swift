/// What a client asks of the engine.
///
/// Each command is answered: by the event of what it did, with the exact step, or by `EngineEvent.refused` with a reason.
package enum EngineCommand: Hashable, Sendable {
  /// Tell what can be trained: presets, and data sets, looked for in `dataDirectory` first. Answered by
  /// `EngineEvent.catalog`.
  case describeCatalog(dataDirectory: String?)
  /// Download a data set, one at a time. Answered by `EngineEvent.downloadEnded`; `Snapshot.download` tells how far it is.
  case download(DownloadRequest)
  /// End the download; what has come is kept for the next one.
  case cancelDownload
  /// Make the experiment ready and start its lanes.
  case start(ExperimentRequest)
  /// Go on with the run of this directory where its newest checkpoints and its journal have left it.
  case reopen(directory: String)
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
  /// Write a checkpoint of the lanes between two batches.
  case checkpoint(LaneSelection)
  /// Put a lane back to its checkpoint of this branch and step; what came after stays in the record as a branch of its
  /// own.
  case rewind(lane: String, branch: Int, step: Int)
  /// Make a new lane of another's checkpoint, with some hyperparameters changed, and train it beside the others.
  case fork(ForkRequest)
  /// Write checkpoints of all lanes between two batches and end the engine: the run can be gone on with.
  case suspend
}
