import Foundation
import TrainingMetrics

/// Formats numbers for a report.
enum Figure {
  // A narrow no-break space.
  private static let space = "\u{202F}"

  /// Formats a whole number with thousands separators: “12 730”.
  static func count(_ number: Int) -> String { NumberFormat.grouped(number, separator: space) }

  /// Formats a fraction as a percentage with two decimals: “98.31 %”.
  static func percent(_ share: Double) -> String { NumberFormat.percent(share, space: space) }

  /// Formats bytes with a unit: “1.9 kB”, “46.6 MB”.
  static func bytes(_ bytes: Int) -> String { NumberFormat.size(bytes, space: space) }

  /// Formats a time span: “41.3 s”, “12 min 5 s”, “3 h 7 min”.
  static func duration(_ seconds: Double) -> String { NumberFormat.span(seconds: seconds) }

  /// Formats a date and time in UTC: “2026-11-23 20:54:37”.
  static func moment(_ time: Double) -> String {
    guard time.isFinite, abs(time) < 1e11 else { return "–" }
    return String(Date(timeIntervalSince1970: time).formatted(.iso8601).prefix(19)).replacing("T", with: " ")
  }

  /// Formats a tick of an axis with ticks `step` apart: “0.25”, “20k”, “1e-05”.
  static func tick(_ value: Double, step: Double) -> String {
    let size = max(abs(value), step)
    // A tiny value is a rounding error of 0.
    if abs(value) < step * 1e-9 { return "0" }
    if size >= 1e12 || size < 1e-4 {
      return String(format: "%.3g", value).replacing("e-0", with: "e-").replacing("e+", with: "e")
    }
    if size >= 1e9 { return short(value / 1e9) + "G" }
    if step >= 1e6 || (size >= 1e6 && step >= 1e5) { return short(value / 1e6) + "M" }
    if size >= 1e4 { return short(value / 1e3) + "k" }
    let digits = step >= 1 ? 0 : max(0, Int((-log10(step) - 1e-9).rounded(.up)))
    return String(format: "%.\(digits)f", value)
  }

  private static func short(_ value: Double) -> String { String(format: "%.4g", value) }

  /// Formats a coordinate with one decimal.
  static func coordinate(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
  }
}
