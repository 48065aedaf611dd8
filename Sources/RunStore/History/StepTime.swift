import TrainingMetrics

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

extension [StepTime] {
  /// When each point was recorded: at the time of its step, or where that is not known the time before it.
  /// - Parameter start: the time where none is known at all.
  func wallTimes(of points: [MetricPoint], start: Double) -> [Double] {
    var (next, time) = (0, first?.time ?? start)
    return points.map { point in
      while next < count, self[next].step <= point.step {
        time = self[next].time
        next += 1
      }
      return time
    }
  }
}
