/// Why a theme could not be loaded.
package struct ThemeError: Error, Sendable, CustomStringConvertible {
  /// The kind of failure.
  package enum Code: Hashable, Sendable {
    /// The file cannot be read.
    case unreadable
    /// The text is no YAML, or no mapping.
    case notYAML
    /// A colour of the scheme is missing.
    case missingColor
    /// A colour is not six hexadecimal digits.
    case badColor
    /// A field has a value that means nothing.
    case badField
    /// No theme has this name.
    case unknownTheme
  }

  /// The kind of failure.
  package var code: Code
  /// What was expected where, and what was found.
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
