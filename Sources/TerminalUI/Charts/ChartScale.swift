/// How values become heights.
package enum ChartScale: String, Hashable, Sendable {
  /// Equal differences are equal heights.
  case linear
  /// Equal ratios are equal heights; values that are not positive lie below every chart.
  case log

  /// The value on the scale's own axis: itself, or its decimal logarithm (`-infinity` for what is not positive).
  package func project(_ value: Double) -> Double {
    switch self {
    case .linear: value
    case .log: value > 0 ? decimalLogarithm(value) : -.infinity
    }
  }

  /// The value that `project` takes to `position`.
  package func unproject(_ position: Double) -> Double {
    switch self {
    case .linear: position
    case .log: powerOfTen(position)
    }
  }
}
