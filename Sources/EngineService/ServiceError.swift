private import TrainingMetrics

/// Why an engine could not be reached or served.
package struct ServiceError: Error, Sendable, CustomStringConvertible {
  /// The kind of error.
  package enum Code: Sendable, Hashable {
    /// No engine is listening, or it has ended.
    case unreachable
    /// The socket or its directory can't be created, or belongs to another user.
    case unsafeSocket
    /// The other side uses another version of the protocol.
    case version
    /// The other side has sent an invalid message.
    case malformed
    /// The engine's process could not be started.
    case notStarted
  }

  /// The kind of error.
  package let code: Code
  /// Where the error is, what was expected, and what was found.
  package let message: String

  /// An error of this kind.
  package init(_ code: Code, _ message: String) {
    self.code = code
    // The message may contain file names.
    self.message = message.printable
  }

  package var description: String { message }
}
