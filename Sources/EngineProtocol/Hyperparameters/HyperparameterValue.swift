/// A hyperparameter's value: a number, or one word of a choice.
package enum HyperparameterValue: Hashable, Sendable {
  /// A number within the specification's range.
  case number(Double)
  /// One of the specification's words.
  case word(String)
}
