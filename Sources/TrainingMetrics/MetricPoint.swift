/// One measured value of a series.
package struct MetricPoint: Hashable, Codable, Sendable {
  /// The lane's step (updates done) at which the value holds.
  package var step: Int
  /// The value; it may be NaN or infinite, and is kept as such.
  package var value: Float

  /// A value at a step.
  package init(step: Int, value: Float) {
    self.step = step
    self.value = value
  }
}
