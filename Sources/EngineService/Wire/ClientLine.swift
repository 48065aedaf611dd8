package import EngineProtocol

/// A line from a client.
package enum ClientLine: Hashable, Sendable {
  /// Its first.
  case hello(Hello)
  /// Any other: a command and its name.
  case command(Int, EngineCommand)
  /// Whether the engine is there: answered at once by `ServerLine.pong` with the same number.
  case ping(Int)
}
