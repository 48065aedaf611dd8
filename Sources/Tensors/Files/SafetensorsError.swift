/// Why bytes are no safetensors file, or not the one expected.
package struct SafetensorsError: Error, Sendable, CustomStringConvertible {
  /// What was expected, and what was found.
  package let message: String

  /// An error with these words.
  package init(message: String) { self.message = message }

  package var description: String { message }
}
