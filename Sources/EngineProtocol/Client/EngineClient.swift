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
  /// For how long the engine has not answered what it was asked, in seconds; 0 where it owes no answer.
  var silence: Double { get }
}

extension EngineClient {
  /// An engine in this process is never silent.
  package var silence: Double { 0 }
}
