package import TrainingMetrics

/// All that a dashboard, a script or a test knows of an engine, wherever it runs.
///
/// Nothing is queued for a reader: events and points stand in the engine's record, and each reader asks from its own
/// cursor on. A slow reader gets more at once; the engine never waits.
package protocol EngineClient: AnyObject, Sendable {
  /// Sends a command; its answer bears the identifier that is returned.
  @discardableResult
  func send(_ command: EngineCommand) -> CommandID
  /// How things stand now.
  func snapshot() -> Snapshot
  /// All events since `cursor`, points of metric series included, and the cursor to ask from next.
  func events(after cursor: EventCursor) -> EventBatch
}

/// A reader's place in the engine's record.
package struct EventCursor: Hashable, Codable, Sendable {
  /// Events read, points left out.
  package var eventCount: Int
  /// Points read of each lane's series.
  package var pointCounts: [String: [MetricKey: Int]]

  /// The beginning.
  package init() {
    eventCount = 0
    pointCounts = [:]
  }
}

/// Events in order, and where the next ones begin.
package struct EventBatch: Hashable, Codable, Sendable {
  /// The events.
  package var events: [EngineEvent]
  /// Ask from here next.
  package var cursor: EventCursor

  /// Events up to a cursor.
  package init(events: [EngineEvent], cursor: EventCursor) {
    self.events = events
    self.cursor = cursor
  }
}
