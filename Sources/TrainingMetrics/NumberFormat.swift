#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Formats numbers, sizes and times for display, independently of the locale.
package enum NumberFormat {
  /// Formats with a fixed number of decimals: `0.0412`.
  package static func fixed(_ value: Double, decimals: Int) -> String {
    guard value.isFinite else { return nonFinite(value) }
    let decimals = max(0, min(12, decimals))
    let scale = powerOfTen(Double(decimals))
    let scaled = (abs(value) * scale).rounded()
    guard scaled < 9e15 else { return scientific(value, digits: decimals + 1) }
    let digits = Int(scaled)
    let sign = value < 0 && digits > 0 ? "-" : ""
    guard decimals > 0 else { return sign + String(digits) }
    var fraction = String(digits % Int(scale))
    fraction = String(repeating: "0", count: decimals - fraction.count) + fraction
    return sign + String(digits / Int(scale)) + "." + fraction
  }

  /// Formats with a number of significant digits: `0.0412`, `2.303`, `128.4`, `3.1e-5`, `1.2e7`.
  package static func significant(_ value: Double, digits: Int = 4) -> String {
    guard value.isFinite else { return nonFinite(value) }
    guard value != 0 else { return "0" }
    let exponent = decimalExponent(value)
    if exponent < -4 || exponent >= 7 { return scientific(value, digits: min(digits, 3)) }
    let text = fixed(value, decimals: digits - 1 - exponent)
    // Rounding up to the next power of ten adds a digit.
    let size = abs(value) * powerOfTen(Double(digits - 1 - exponent))
    guard size.rounded() >= powerOfTen(Double(digits)) else { return text }
    return exponent >= 6
      ? scientific(value, digits: min(digits, 3)) : fixed(value, decimals: digits - 2 - exponent)
  }

  /// Formats a loss with four decimals if these are precise enough, otherwise with four significant digits: `0.4123`,
  /// `3.2e-5`, `4.367e20`.
  package static func loss(_ value: Double) -> String {
    let size = abs(value)
    return size == 0 || (size >= 1e-3 && size < 1e6) ? fixed(value, decimals: 4) : scientific(value, digits: 4)
  }

  /// Formats with the fewest digits that identify the Float, as a user would type it: `3e-4`, `0.9`, `1e-3`, `100`.
  package static func compact(_ value: Double) -> String {
    guard value.isFinite else { return nonFinite(value) }
    guard value != 0 else { return "0" }
    // Settings are converted to Float: 3e-4 must not come back as 0.0003000000142492354.
    let shortest = Double(Float(value).description) ?? value
    guard shortest.isFinite, shortest != 0 else { return scientific(value, digits: 7) }
    let exponent = decimalExponent(shortest)
    if exponent > -3 && exponent < 6 {
      let text = shortest.description
      return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
    return scientific(shortest, digits: 7)
  }

  /// Formats with a mantissa without trailing zeros and an exponent: `3e-4`, `1.25e7`.
  package static func scientific(_ value: Double, digits: Int) -> String {
    guard value.isFinite else { return nonFinite(value) }
    guard value != 0 else { return "0" }
    var exponent = decimalExponent(value)
    var mantissa = value / powerOfTen(Double(exponent))
    let scale = powerOfTen(Double(max(0, digits - 1)))
    if (abs(mantissa) * scale).rounded() >= 10 * scale {
      mantissa /= 10
      exponent += 1
    }
    return trimmed(fixed(mantissa, decimals: digits - 1)) + "e" + String(exponent)
  }

  /// Formats a fraction (0...1) as a percentage: `98.31 %`.
  package static func percent(_ share: Double, decimals: Int = 2, space: String = " ") -> String {
    fixed(share * 100, decimals: decimals) + space + "%"
  }

  /// Formats a whole number with thousands separators: `4,210`.
  package static func grouped(_ value: Int, separator: String = ",") -> String {
    let digits = Array(String(value.magnitude))
    var result = value < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { result += separator }
      result.append(digit)
    }
    return result
  }

  /// Formats a large number in few columns: `950`, `4.2k`, `50k`, `1.3M`, `2.4e18`.
  package static func abbreviated(_ value: Double) -> String {
    scaled(value, base: 1000, units: ["", "k", "M", "G", "T"], separator: "")
  }

  /// Formats a whole number for an axis with labels `step` apart, without rounding: `800`, `12k`, `12.5k`.
  package static func abbreviatedWhole(_ value: Double, step: Double) -> String {
    guard abs(value) >= 10_000 else { return fixed(value, decimals: 0) }
    let (divisor, unit) =
      abs(value) >= 1e9 && step >= 1e7 ? (1e9, "G") : abs(value) >= 1e6 && step >= 1e4 ? (1e6, "M") : (1e3, "k")
    return fixed(value / divisor, decimals: max(0, -decimalExponent(step / divisor))) + unit
  }

  /// Formats a size in bytes for the screen, with decimal units: `312 B`, `1.25 MB`, `40.1 MB`.
  package static func bytes(_ count: Int) -> String {
    scaled(Double(count), base: 1000, units: ["B", "kB", "MB", "GB", "TB", "PB", "EB"], separator: " ")
  }

  /// Formats a size in bytes for a table or a page: `312 B`, `1.3 MB`, `104 MB`.
  package static func size(_ count: Int, space: String = " ") -> String {
    var (value, unit) = (Double(count), 0)
    while value >= 999.5, unit < ByteUnit.names.count - 1 { (value, unit) = (value / 1000, unit + 1) }
    return fixed(value, decimals: unit == 0 || value >= 99.95 ? 0 : 1) + space + ByteUnit.names[unit]
  }

  /// Formats a time span in words: `41.3 s`, `12 min 5 s`, `3 h 7 min`.
  package static func span(seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "–" }
    if seconds < 60 { return fixed(seconds, decimals: 1) + " s" }
    let whole = Int(seconds.rounded())
    return whole < 3600 ? "\(whole / 60) min \(whole % 60) s" : "\(whole / 3600) h \(whole % 3600 / 60) min"
  }

  /// Formats a short time: `31.2 µs`, `1.45 ms`, `2.50 s`.
  package static func instant(seconds: Double) -> String {
    if seconds < 1e-3 { return "\(significant(1e6 * seconds, digits: 3)) µs" }
    return seconds < 1 ? "\(significant(1e3 * seconds, digits: 3)) ms" : "\(significant(seconds, digits: 3)) s"
  }

  /// Formats a time span as a clock: `0:07`, `12:41`, `1:02:03`, `2 d 3 h`.
  package static func duration(seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e10 else { return "–" }
    let total = Int(max(0, seconds).rounded())
    func two(_ n: Int) -> String { n < 10 ? "0\(n)" : "\(n)" }
    let (hours, minutes) = (total / 3600, total / 60 % 60)
    if hours >= 48 { return "\(hours / 24) d \(hours % 24) h" }
    if hours > 0 { return "\(hours):\(two(minutes)):\(two(total % 60))" }
    return "\(minutes):\(two(total % 60))"
  }

  /// The exponent of the first significant digit: 0 for 1...9.99, -3 for 0.001.
  package static func decimalExponent(_ value: Double) -> Int {
    let magnitude = abs(value)
    var exponent = Int(decimalLogarithm(magnitude).rounded(.down))
    // The logarithm can be off by one ulp at a power of ten.
    if magnitude >= powerOfTen(Double(exponent + 1)) { exponent += 1 }
    if magnitude < powerOfTen(Double(exponent)) { exponent -= 1 }
    return exponent
  }

  private static func scaled(_ value: Double, base: Double, units: [String], separator: String) -> String {
    guard value.isFinite else { return nonFinite(value) }
    var rest = abs(value)
    var unit = 0
    while rest >= base * 0.9995, unit < units.count - 1 {
      rest /= base
      unit += 1
    }
    // Above the largest unit the number of digits would keep growing.
    if rest >= base { return scientific(value, digits: 3) + separator + (separator.isEmpty ? "" : units[0]) }
    let decimals = unit == 0 || rest >= 99.95 ? 0 : rest >= 9.995 ? 1 : 2
    let text = decimals == 0 ? fixed(rest, decimals: 0) : trimmed(fixed(rest, decimals: decimals))
    return (value < 0 ? "-" : "") + text + separator + units[unit]
  }

  private static func trimmed(_ text: String) -> String {
    guard text.contains(".") else { return text }
    var result = Substring(text)
    while result.hasSuffix("0") { result = result.dropLast() }
    return String(result.hasSuffix(".") ? result.dropLast() : result)
  }

  private static func nonFinite(_ value: Double) -> String {
    value.isNaN ? "NaN" : value < 0 ? "-inf" : "inf"
  }
}

/// A decimal unit of bytes, for sizes that are compared with each other: `4.5 of 9.9 MB`.
package struct ByteUnit: Sendable {
  static let names = ["B", "kB", "MB", "GB", "TB"]
  private let power: Int

  /// The unit that suits this number of bytes.
  package init(of bytes: Int) {
    var (power, rest) = (0, bytes)
    while rest >= 1000, power < Self.names.count - 1 { (power, rest) = (power + 1, rest / 1000) }
    self.power = power
  }

  /// Formats bytes in this unit with one decimal.
  package func number(_ bytes: Double) -> String {
    power == 0 ? String(Int(bytes)) : NumberFormat.fixed(bytes / powerOfTen(3 * Double(power)), decimals: 1)
  }

  /// Formats bytes in this unit, with the unit's name.
  package func text(_ bytes: Double) -> String { number(bytes) + " " + Self.names[power] }
}

// The C library's functions under names of our own, so that only this file imports it.

/// `baseᵉˣᵖᵒⁿᵉⁿᵗ`.
package func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }

/// The decimal logarithm.
package func decimalLogarithm(_ x: Double) -> Double { log10(x) }

/// `10ˣ`.
package func powerOfTen(_ x: Double) -> Double { pow(10, x) }
