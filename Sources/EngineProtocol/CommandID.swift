/// Names a command in the event that answers it.
package struct CommandID: Hashable, Codable, Sendable {
  /// Unique within a client's connection.
  package let rawValue: Int
  /// The name of the `rawValue`-th command.
  package init(_ rawValue: Int) { self.rawValue = rawValue }
}
