/// The engine's first line: who it is.
package struct Welcome: Hashable, Codable, Sendable {
  /// The version of the protocol that it speaks.
  package var version: Int
  /// The client's number, as in the events that answer its commands.
  package var client: Int
  /// The program's version.
  package var program: String
  /// The engine's process.
  package var process: Int32
  /// The run's name; empty before one is started, or where it is not recorded.
  package var run: String
  /// The run's directory; nil before one is started, or where it is not recorded.
  package var directory: String?
  /// The experiment's name; nil before one is started.
  package var experiment: String?
  /// Whether it answers a ping; absent where it knows none.
  package var answersPing: Bool? = true

  private enum CodingKeys: String, CodingKey {
    case client, program, process, run, directory, experiment
    case version = "protocol"
    case answersPing = "ping"
  }
}
