/// Parses numbers as users write them, in the same way everywhere.
package enum WrittenNumber {
  /// Parses `1e-3`, `.5`, `5`, `+2.0`; nil if the text is not a number.
  package static func decimal(_ text: String) -> Double? { Double(text).flatMap { $0.isNaN ? nil : $0 } }

  /// Parses a whole number, also written as `5.0` or `1e3`.
  package static func whole(_ text: String) -> Int? { Int(text) ?? exact(text).map { Int($0) } }

  /// Parses a whole number from 0 to 2⁶⁴-1, also written as `5.0` or `1e3`.
  package static func unsigned(_ text: String) -> UInt64? {
    UInt64(text) ?? exact(text).flatMap { $0 < 0 ? nil : UInt64($0) }
  }

  /// Formats a number as the shortest text that round-trips, whole numbers without a decimal point.
  package static func text(_ number: Double) -> String { plain("\(number)") }

  /// Formats a float32 in the same way.
  package static func text(_ number: Float) -> String { plain("\(number)") }

  private static func plain(_ text: String) -> String { text.hasSuffix(".0") ? String(text.dropLast(2)) : text }

  // Above 2⁵³ a number with a decimal point or an exponent may have been rounded.
  private static func exact(_ text: String) -> Double? {
    guard let number = decimal(text), abs(number) <= 0x1p53, number == number.rounded() else { return nil }
    return number
  }
}
