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
  /// The value in few characters: `0.9`, `3e-4`, `256`, `stochastic`.
  package var description: String {
    switch self {
    case .word(let word): return word
    case .number(let number):
      if number == number.rounded(), abs(number) < 1e6 { return String(Int(number)) }
      return Self.short(number)
    }
  }

  // The shortest text that reads back as the number, with a bare exponent where the number is small: 3e-4, not 0.0003.
  private static func short(_ number: Double) -> String {
    guard number.isFinite, number != 0, abs(number) < 1e-2 || abs(number) >= 1e6 else { return "\(number)" }
    var exponent = 0
    var mantissa = abs(number)
    while mantissa < 1 { mantissa *= 10; exponent -= 1 }
    while mantissa >= 10 { mantissa /= 10; exponent += 1 }
    for digits in 0...16 {
      let scale = (0..<digits).reduce(1.0) { product, _ in product * 10 }
      let rounded = (mantissa * scale).rounded() / scale
      let text = (rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)") + "e\(exponent)"
      if Double(text) == abs(number) { return (number < 0 ? "-" : "") + text }
    }
    return "\(number)"
  }
}
