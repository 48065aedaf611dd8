/// Images that can't be whitened.
package struct WhiteningError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was expected, and what was found.
  package let message: String

  package var description: String { message }
}
