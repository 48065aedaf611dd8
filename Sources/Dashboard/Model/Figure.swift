import TerminalUI
import TrainingMetrics

/// Formats figures for the screen with a small, constant number of digits, so that the layout does not move.
enum Figure {
  /// Shown for an unknown figure.
  static let unknown = "–"

  /// Formats a loss or a gradient norm with four significant digits.
  static func value(_ value: Double?) -> String {
    guard let value else { return unknown }
    return NumberFormat.significant(value, digits: 4)
  }

  /// Formats a whole number with thousands separators: `12,410`.
  static func whole(_ value: Double?) -> String {
    guard let value, value.isFinite, abs(value) < 1e15 else { return unknown }
    return NumberFormat.grouped(Int(value))
  }

  /// A rate that a schedule changes all the time, in so many digits: `9.99e-4`.
  static func rounded(_ value: Double, digits: Int) -> String {
    NumberFormat.compact(Double(NumberFormat.scientific(value, digits: digits)) ?? value)
  }

  /// How many images a second: two significant digits, for the others change too fast to be read.
  static func pace(_ value: Double?) -> String {
    guard let value, value.isFinite, abs(value) < 1e15 else { return unknown }
    var unit = 1.0
    while value >= 100 * unit { unit *= 10 }
    return whole((value / unit).rounded() * unit)
  }

  /// Formats a fraction as a percentage with two decimals: `98.31 %`.
  static func percent(_ share: Double?) -> String {
    guard let share else { return unknown }
    return NumberFormat.percent(share)
  }

  /// Formats a small fraction as a percentage with as many decimals as necessary: `0.021 %`, `2.1e-4 %`.
  static func rate(_ share: Double?) -> String {
    guard let share else { return unknown }
    if share == 0 { return "0 %" }
    if !share.isFinite { return NumberFormat.significant(share) }
    let percent = share * 100
    if percent < 0.0005 { return NumberFormat.scientific(percent, digits: 2) + " %" }
    return NumberFormat.fixed(percent, decimals: percent < 0.0995 ? 3 : percent < 9.95 ? 2 : 1) + " %"
  }

  /// Formats a difference with its sign: `−0.39`, `+0.018`, `+2.58e10`.
  static func signed(_ value: Double, decimals: Int) -> String {
    if !value.isFinite { return NumberFormat.significant(value) }
    // Larger numbers are not read digit by digit.
    if abs(value) >= 1e5 { return (value < 0 ? "−" : "+") + NumberFormat.scientific(abs(value), digits: 3) }
    let text = NumberFormat.fixed(abs(value), decimals: decimals)
    let isZero = !text.contains { $0 != "0" && $0 != "." }
    return (isZero ? "±" : value < 0 ? "−" : "+") + text
  }

  /// Formats the ratio of `whole` to `value`: `÷32`, or `×2.1` if `value` is larger, or `×1.0` if they are about equal.
  static func ratio(_ whole: Double, over value: Double) -> String {
    guard value > 0, whole > 0 else { return unknown }
    let ratio = whole / value
    let isDown = ratio >= 1.05
    let size = isDown ? ratio : max(1, 1 / ratio)
    return (isDown ? "÷" : "×") + NumberFormat.fixed(size, decimals: size < 9.95 ? 1 : 0)
  }

  /// Fits `text` to exactly `width` columns, cut with an ellipsis if it is wider.
  static func name(_ text: String, _ width: Int) -> String { fitted(text, width: width) }

  /// Pads `text` with leading spaces to `width` columns.
  static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - displayWidth(text))) + text
  }

  /// Pads `text` with trailing spaces to `width` columns.
  static func left(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - displayWidth(text)))
  }
}
