import Foundation
import TrainingMetrics

/// Maps values to the unit interval, with ticks at round values.
struct Axis: Sendable {
  /// The values that map to 0 and 1.
  let range: ClosedRange<Double>
  /// Whether the scale is logarithmic.
  let isLogarithmic: Bool
  /// The tick values in order, with labels.
  let ticks: [(value: Double, label: String)]

  // Losses with a larger ratio are shown on a logarithmic scale.
  private static let logarithmicRatio = 10.0

  /// An axis over finite values, possibly extended to whole ticks.
  /// - Parameter mayBeLogarithmic: whether to use a logarithmic scale for positive values with a wide range.
  init(_ lower: Double, _ upper: Double, count: Int, mayBeLogarithmic: Bool = false, isTight: Bool = false) {
    isLogarithmic = mayBeLogarithmic && lower > 0 && upper / lower > Self.logarithmicRatio
    if isLogarithmic {
      range = lower...upper
      ticks = Self.decades(lower, upper, count: count)
      return
    }
    var (lower, upper) = (lower, upper)
    if upper - lower <= abs(upper) * 1e-9 {
      let margin = lower == 0 ? 1 : abs(lower) / 2
      (lower, upper) = isTight ? (lower, upper + margin) : (lower - margin, upper + margin)
    }
    let step = RoundStep.atLeast((upper - lower) / Double(max(1, count)))
    if !isTight {
      (lower, upper) = ((lower / step + 1e-9).rounded(.down) * step, (upper / step - 1e-9).rounded(.up) * step)
    }
    range = lower...upper
    let first = Int((lower / step - 1e-9).rounded(.up))
    let last = max(first, Int((upper / step + 1e-9).rounded(.down)))
    ticks = (first...last).map { (Double($0) * step, Figure.tick(Double($0) * step, step: step)) }
  }

  /// Returns the position of `value`: 0 at the lower end, 1 at the upper.
  func place(_ value: Double) -> Double {
    if isLogarithmic {
      return log(max(value, range.lowerBound) / range.lowerBound) / log(range.upperBound / range.lowerBound)
    }
    return (value - range.lowerBound) / (range.upperBound - range.lowerBound)
  }

  private static func decades(_ lower: Double, _ upper: Double, count: Int) -> [(value: Double, label: String)] {
    let exponents = Int(log10(lower).rounded(.down))...Int(log10(upper).rounded(.up))
    let digits: [Double] = exponents.count <= 3 ? [1, 2, 5] : [1]
    let every = max(1, exponents.count * digits.count / max(1, 2 * count))
    return exponents.filter { $0 % every == 0 }.flatMap { exponent in
      digits.map { ($0 * pow(10, Double(exponent))) }
    }
    .filter { (lower...upper).contains($0) }
    .map { ($0, Figure.tick($0, step: pow(10, log10($0 * 1.0001).rounded(.down)))) }
  }
}
