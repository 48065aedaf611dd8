import Foundation

/// Numbers as the page tells them.
enum Figure {
  /// A whole number with its digits in threes: “12 730”.
  static func count(_ number: Int) -> String {
    let digits = Array(String(number.magnitude))
    var text = ""
    for (place, digit) in digits.enumerated() {
      // A narrow space that does not break.
      if place > 0, (digits.count - place) % 3 == 0 { text += "\u{202F}" }
      text.append(digit)
    }
    return number < 0 ? "−" + text : text
  }

  /// A share as percent with two digits: “98.31 %”.
  static func percent(_ share: Double) -> String {
    share.isFinite ? String(format: "%.2f", share * 100) + "\u{202F}%" : "\(share)"
  }

  /// Bytes with a unit: “1.9 kB”, “46.6 MB”.
  static func bytes(_ bytes: Int) -> String {
    var (value, unit) = (Double(bytes), 0)
    while value >= 999.5, unit < 4 { (value, unit) = (value / 1000, unit + 1) }
    let digits = unit == 0 || value >= 99.95 ? 0 : 1
    return String(format: "%.\(digits)f", value) + "\u{202F}" + ["B", "kB", "MB", "GB", "TB"][unit]
  }

  /// A time span: “41.3 s”, “12 min 5 s”, “3 h 7 min”.
  static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "–" }
    if seconds < 60 { return String(format: "%.1f s", seconds) }
    let whole = Int(seconds.rounded())
    return whole < 3600 ? "\(whole / 60) min \(whole % 60) s" : "\(whole / 3600) h \(whole % 3600 / 60) min"
  }

  /// A moment, in universal time: “2026-11-23 20:54:37”.
  static func moment(_ time: Double) -> String {
    guard time.isFinite, abs(time) < 1e11 else { return "–" }
    return String(Date(timeIntervalSince1970: time).formatted(.iso8601).prefix(19)).replacing("T", with: " ")
  }

  /// A tick of an axis with ticks `step` apart: “0.25”, “20k”, “1e-05”.
  static func tick(_ value: Double, step: Double) -> String {
    let size = max(abs(value), step)
    // What is left of subtracting equal numbers is no value.
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

  /// A coordinate with one decimal.
  static func coordinate(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
  }
}
