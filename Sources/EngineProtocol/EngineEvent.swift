package import TrainingMetrics

/// What happened in the engine. Events are never dropped and come in order; how things stand is in the `Snapshot`.
package enum EngineEvent: Hashable, Codable, Sendable {
  /// The answer to `EngineCommand.describeCatalog`.
  case catalog(Catalog)
  /// The lanes start.
  case started(RunDescription)
  /// New points of a lane's metric series.
  case points(lane: String, MetricKey, [MetricPoint])
  /// A lane has ended an epoch and validated; also before the first step, as epoch 0.
  case epoch(EpochReport)
  /// A command took effect in a lane, at the entry's step.
  case applied(CommandID, JournalEntry)
  /// A command was not carried out; the words say why.
  case refused(CommandID, String)
  /// A lane has ended; the result of what it learned.
  case laneEnded(LaneResult)
  /// Every lane has ended.
  case finished
  /// Nothing could be started, or all is lost: the words say why.
  case failed(String)
}
