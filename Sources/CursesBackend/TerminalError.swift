/// Why the terminal could not be taken over.
package struct TerminalError: Error, Sendable, CustomStringConvertible {
  /// The kind of failure.
  package enum Code: Hashable, Sendable {
    /// Standard input or output is no terminal.
    case notATerminal
    /// `TERM` is not set, or names a terminal that the system does not know.
    case unknownTerminal
    /// The terminal cannot move its cursor.
    case noCursorAddressing
    /// ncurses refused, or the system did.
    case failed
  }

  /// The kind of failure.
  package var code: Code
  /// What was expected, what was found, and what helps.
  package var message: String
  /// The failure behind this one.
  package var cause: (any Error)?

  /// A failure of this kind.
  package init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }

  package var description: String { message }
}
