/// The value of a hyperparameter: a number, or a word of a choice.
package enum HyperparameterValue: Hashable, Sendable {
  /// A number within the specification's range.
  case number(Double)
  /// One of the specification's words.
  case word(String)

  /// A float32 as the shortest decimal that round-trips: 0.9, not 0.8999999761581421.
  package static func float(_ value: Float) -> HyperparameterValue { .number(Double("\(value)") ?? Double(value)) }
}

extension HyperparameterValue: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else {
      self = .word(try container.decode(String.self))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .number(let number): try container.encode(number)
    case .word(let word): try container.encode(word)
    }
  }
}

extension HyperparameterValue: CustomStringConvertible {
  /// The value in short form: `0.9`, `3e-4`, `256`, `stochastic`.
  ///
  /// Numbers of up to five digits are exact. Longer ones, such as the rate in the middle of a schedule, are rounded to
  /// four digits: `2.508e-4`.
  package var description: String {
    switch self {
    case .word(let word): word
    case .number(let number): Self.short(number)
    }
  }

  private static func short(_ number: Double) -> String {
    guard number.isFinite, number != 0 else { return number == 0 ? "0" : "\(number)" }
    if number == number.rounded(), abs(number) < 1e6 { return String(Int(number)) }
    let (digits, exponent) = significant(abs(number))
    let sign = number < 0 ? "-" : ""
    if exponent >= -2, exponent < 6 { return sign + plain(digits, exponent) }
    let mantissa = digits.count == 1 ? digits : "\(digits.prefix(1)).\(digits.dropFirst())"
    return "\(sign)\(mantissa)e\(exponent)"
  }

  // The significant digits d₁d₂... and the exponent e of d₁.d₂... · 10ᵉ.
  private static func significant(_ number: Double) -> (digits: String, exponent: Int) {
    var (mantissa, exponent) = (number, 0)
    while mantissa < 1 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
    while mantissa >= 10 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
    func rounded(to scale: Double) -> (String, Int) {
      let value = Int((mantissa * scale).rounded())
      // 9.9999 rounds up to the next power of ten.
      var digits = value >= Int(10 * scale) ? String(value / 10) : String(value)
      while digits.count > 1, digits.hasSuffix("0") { digits.removeLast() }
      return (digits, value >= Int(10 * scale) ? exponent + 1 : exponent)
    }
    for scale in [1.0, 10, 100, 1000, 10_000] where abs((mantissa * scale).rounded() - mantissa * scale) < 1e-9 * scale
    {
      return rounded(to: scale)
    }
    return rounded(to: 1000)
  }

  private static func plain(_ digits: String, _ exponent: Int) -> String {
    if exponent < 0 { return "0." + String(repeating: "0", count: -exponent - 1) + digits }
    let whole = digits.prefix(exponent + 1)
    let padded = whole + String(repeating: "0", count: exponent + 1 - whole.count)
    return digits.count > exponent + 1 ? "\(padded).\(digits.dropFirst(exponent + 1))" : String(padded)
  }
}
