import TrainingMetrics

/// No engine, for screens that show no training: it has no run, and ignores commands.
package final class NoEngine: EngineClient {
  package init() {}

  package func nextCommandID() -> CommandID { CommandID(1) }
  package func send(_ command: EngineCommand, as id: CommandID) {}
  package func snapshot() -> Snapshot { Snapshot() }
  package func events(after cursor: EventCursor) -> EventBatch { EventBatch(events: [], cursor: cursor) }
}
