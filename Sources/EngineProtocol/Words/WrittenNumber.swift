/// Numbers as people write them: what one entrance accepts, all do.
package enum WrittenNumber {
  /// `1e-3`, `.5`, `5`, `+2.0`; nil for what is no number.
  package static func decimal(_ text: String) -> Double? { Double(text).flatMap { $0.isNaN ? nil : $0 } }

  /// A whole number, also as `5.0` or `1e3`.
  package static func whole(_ text: String) -> Int? { Int(text) ?? exact(text).map { Int($0) } }

  /// A whole number from 0 to 2⁶⁴-1, also as `5.0` or `1e3`.
  package static func unsigned(_ text: String) -> UInt64? {
    UInt64(text) ?? exact(text).flatMap { $0 < 0 ? nil : UInt64($0) }
  }

  /// A number as the shortest text that reads back as it, whole ones without a point.
  package static func text(_ number: Double) -> String { plain("\(number)") }

  /// The same of a float32.
  package static func text(_ number: Float) -> String { plain("\(number)") }

  private static func plain(_ text: String) -> String { text.hasSuffix(".0") ? String(text.dropLast(2)) : text }

  // Beyond 2⁵³ a number with a point or an exponent may have been another.
  private static func exact(_ text: String) -> Double? {
    guard let number = decimal(text), abs(number) <= 0x1p53, number == number.rounded() else { return nil }
    return number
  }
}
