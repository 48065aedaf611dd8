import EngineProtocol

/// Why a sweep can't be started, resumed or read.
package struct SweepError: Error, Sendable, CustomStringConvertible {
  /// The kind of error.
  package enum Code: Sendable, Hashable {
    /// There is no sweep in the directory.
    case notFound
    /// The sweep's files were changed after its start.
    case changed
    /// Another process controls the sweep or trains the trial.
    case claimed
    /// A file is damaged or of a newer version.
    case damaged
    /// A trial could not be trained.
    case notTrained
  }

  /// The kind of error.
  package let code: Code
  /// Where the error is, what was expected, and what was found.
  package let message: String

  /// An error of this kind.
  package init(_ code: Code, _ message: String) { (self.code, self.message) = (code, message) }

  package var description: String { message }
}
