package import TrainingMetrics

/// What happened in the engine. Events are never dropped and come in order; how things stand is in the `Snapshot`.
package enum EngineEvent: Hashable, Sendable {
  /// The answer to `EngineCommand.describeCatalog`; names the command.
  case catalog(Catalog, CommandID? = nil)
  /// A download has ended: the answer to `EngineCommand.download`.
  case downloadEnded(CommandID, DownloadResult)
  /// The lanes start; what a reader knew of another run before holds no longer.
  case started(RunDescription)
  /// A lane was forked off another. Comes before the lane's first points.
  case laneAdded(RunDescription.Lane)
  /// A lane was rewound and goes on in a new branch. Comes before the branch's first points.
  case branched(LaneBranch)
  /// New points of a metric series of a lane's branch.
  case points(lane: String, branch: Int, MetricKey, [MetricPoint])
  /// All points so far of a metric series of a lane's branch, the older ones summed up; in place of what was told of the
  /// series before. Told only to a reader that prefers it to a long history.
  case sketch(lane: String, branch: Int, MetricKey, MetricSeries)
  /// A lane has ended an epoch and validated; also before the first step, as epoch 0.
  case epoch(EpochReport)
  /// How the binary layers of a lane stood at that epoch's end.
  case layers(LayerReport)
  /// A command took effect in a lane, at the entry's step.
  case applied(CommandID, JournalEntry)
  /// A command was not carried out; the words say why.
  case refused(CommandID, String)
  /// A checkpoint was written.
  case checkpointed(Checkpoint)
  /// A checkpoint was deleted, to bound what the run takes on the disk.
  case checkpointDeleted(lane: String, branch: Int, step: Int)
  /// Something about the run itself that a person should know.
  case health(HealthReport)
  /// A lane has ended; the result of what it learned.
  case laneEnded(LaneResult)
  /// Every lane has ended. A rewind or a fork makes lanes go on after it.
  case finished
  /// Nothing could be started, or all is lost: the words say why. Names the command that was to start something.
  case failed(String, CommandID? = nil)
  /// The engine's process is gone, and with it the connection; told by the client, not by the engine.
  case engineLost(String)

  /// Whether the event tells which lanes and branches there are: what must be known before their points.
  package var isStructural: Bool {
    switch self {
    case .started, .laneAdded, .branched: true
    default: false
    }
  }
}
