package import EngineProtocol

/// An event with the time at which it was recorded.
package struct RecordedEvent: Hashable, Sendable {
  /// In seconds since 1970.
  package var time: Double
  /// What happened; never points.
  package var event: EngineEvent

  /// An event at a time.
  package init(time: Double, _ event: EngineEvent) {
    self.time = time
    self.event = event
  }
}
