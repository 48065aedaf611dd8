/// Events in order, and where the next ones begin.
package struct EventBatch: Hashable, Codable, Sendable {
  /// The events.
  package var events: [EngineEvent]
  /// Ask from here next.
  package var cursor: EventCursor
  /// Whether these are all that there were; false where there are more than were asked for at once.
  package var isWhole: Bool

  /// Events up to a cursor.
  package init(events: [EngineEvent], cursor: EventCursor, isWhole: Bool = true) {
    self.events = events
    self.cursor = cursor
    self.isWhole = isWhole
  }
}
