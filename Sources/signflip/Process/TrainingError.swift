/// Why nothing could be trained, or all was lost, in the engine's words.
struct TrainingError: Error, Sendable, CustomStringConvertible {
  /// What was expected where, and what was found.
  var message: String

  /// A training that ended with these words.
  init(_ message: String) { self.message = message }

  var description: String { message }
}
