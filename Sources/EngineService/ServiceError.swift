private import TrainingMetrics

/// Why an engine could not be reached or served.
package struct ServiceError: Error, Sendable, CustomStringConvertible {
  /// What is wrong.
  package enum Code: Sendable, Hashable {
    /// No engine listens there, or it has ended.
    case unreachable
    /// The socket's folder or the socket can't be made or is somebody else's.
    case unsafeSocket
    /// The other side speaks another version of the protocol.
    case version
    /// The other side has sent what is no message.
    case malformed
    /// The engine's process could not be started.
    case notStarted
  }

  /// What is wrong.
  package let code: Code
  /// Where, what was expected, and what was found.
  package let message: String

  /// A failure of this kind.
  package init(_ code: Code, _ message: String) {
    self.code = code
    // It contains names of files.
    self.message = message.printable
  }

  package var description: String { message }
}
