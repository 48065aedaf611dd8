package import EngineProtocol

/// A line from a client.
package enum ClientLine: Hashable, Sendable {
  /// Its first.
  case hello(Hello)
  /// Any other: a command and its name.
  case command(Int, EngineCommand)
}
