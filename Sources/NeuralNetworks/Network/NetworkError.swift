/// Why a plan is no network.
package struct NetworkError: Error, Sendable, CustomStringConvertible {
  /// The layer that does not fit.
  package let layer: String
  /// What it needs.
  package let expected: String
  /// What there is.
  package let found: String

  package var description: String { "layer \(layer): expected \(expected), found \(found)" }
}
