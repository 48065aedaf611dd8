/// When the points of a step were recorded.
package struct StepTime: Hashable, Sendable {
  /// Updates done.
  package var step: Int
  /// In seconds since 1970.
  package var time: Double

  /// A time of a step.
  package init(step: Int, time: Double) {
    self.step = step
    self.time = time
  }
}
