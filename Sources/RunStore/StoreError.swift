private import TrainingMetrics

/// Why something of a run could not be read or written.
package struct StoreError: Error, Sendable, CustomStringConvertible {
  /// What is wrong.
  package enum Code: Sendable, Hashable {
    /// There is no such run, or more than one of the name.
    case notFound
    /// Another engine has the run.
    case locked
    /// The run was written by a newer signflip.
    case newerFormat
    /// A file is cut short, altered, or not what its name says.
    case damaged
    /// The disk is full.
    case diskFull
    /// The folder or file can't be written.
    case notWritable
    /// What was to be written is there already.
    case exists
    /// Anything else that the system or SQLite says.
    case failed
  }

  /// What is wrong.
  package let code: Code
  /// Where, what was expected, and what was found.
  package let message: String

  /// A failure of this kind.
  package init(_ code: Code, _ message: String) {
    self.code = code
    // Names of files stand in it.
    self.message = message.printableLine
  }

  package var description: String { message }
}
