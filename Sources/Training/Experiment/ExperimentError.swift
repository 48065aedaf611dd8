/// An experiment that can't be trained as it is written.
package struct ExperimentError: Error, Sendable, CustomStringConvertible {
  /// What is wrong.
  package enum Code: Sendable, Hashable {
    /// No preset has this name.
    case unknownPreset
    /// The file can't be read.
    case unreadable
    /// The text is no YAML, or has the wrong form.
    case malformed
    /// A key that an experiment does not have.
    case unknownKey
    /// A value of the wrong kind or out of its range.
    case invalidValue
    /// A lane that the experiment does not have.
    case unknownLane
    /// The experiment does not fit the data set.
    case unfit
  }

  /// What is wrong.
  package let code: Code
  /// Where, what was expected, and what was found.
  package let message: String

  package var description: String { message }
}
