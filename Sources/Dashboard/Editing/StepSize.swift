/// How far an arrow key moves a value.
package enum StepSize: Hashable, Sendable {
  /// The next place on the scale.
  case fine
  /// A larger step: a half decade, ten epochs.
  case coarse
}
