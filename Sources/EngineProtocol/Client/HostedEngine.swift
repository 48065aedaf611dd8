/// An engine that can be served to clients outside its process.
package protocol HostedEngine: EngineClient {
  /// Carries out a client's command.
  /// - Parameters:
  ///   - id: the name under which the command is answered.
  ///   - origin: who asks, for the journal.
  func perform(_ command: EngineCommand, as id: CommandID, origin: String)
  /// Whether the run was put aside, by `EngineCommand.suspend`: there is nothing more to do.
  var isSuspended: Bool { get }
  /// As `events(after:)`, with at most so many points of a series at once.
  func events(after cursor: EventCursor, mostPoints: Int) -> EventBatch
  /// Where a reader stands that wants only what happens from now on.
  /// - Parameter cursor: the reader's beginning.
  func end(of cursor: EventCursor) -> EventCursor
  /// How many clients are connected now.
  func setClientCount(_ count: Int)
}

extension HostedEngine {
  package func events(after cursor: EventCursor, mostPoints: Int) -> EventBatch { events(after: cursor) }

  package func end(of cursor: EventCursor) -> EventCursor { events(after: cursor).cursor }
}
