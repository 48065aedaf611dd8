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
