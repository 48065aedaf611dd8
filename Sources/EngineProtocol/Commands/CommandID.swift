/// Names a command in the event that answers it.
package struct CommandID: Hashable, Codable, Sendable {
  /// Who asked: 0 within the engine's process, else the number that the engine has given to the client's connection.
  package let client: Int
  /// Unique within the client's connection.
  package let rawValue: Int
  /// The name of the `rawValue`-th command of a client.
  package init(_ rawValue: Int, client: Int = 0) {
    self.client = client
    self.rawValue = rawValue
  }
}
