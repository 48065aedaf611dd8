package import EngineProtocol

/// A line from the engine.
package enum ServerLine: Hashable, Sendable {
  /// Its first.
  case welcome(Welcome)
  /// A line that was no message, with the id that could be made out in it.
  case error(String, id: Int?)
  /// Something has happened.
  case event(EngineEvent)
  /// How things stand now.
  case snapshot(Snapshot)
  /// The answer to `ClientLine.ping`.
  case pong(Int)
  /// Its last, where it ends as it should.
  case goodbye(String)
}
