/// How a chart writes values.
package enum ChartUnit: Hashable, Sendable {
  /// As they are.
  case plain
  /// Shares (0...1) in percent.
  case percent

  /// A single value, as a legend shows it.
  package func text(_ value: Double) -> String {
    switch self {
    case .plain: NumberFormat.significant(value)
    case .percent: NumberFormat.percent(value)
    }
  }
}
