/// Lines of C code with indentation.
struct CText {
  private(set) var text = ""
  private var depth = 0

  /// Appends a line; empty lines are not indented.
  mutating func line(_ line: String = "") {
    if !line.isEmpty { for _ in 0..<depth { text += "  " } }
    text += line
    text += "\n"
  }

  /// Opens a block in braces.
  mutating func open(_ head: String) {
    line(head + " {")
    depth += 1
  }

  /// Closes a block.
  mutating func close() {
    depth -= 1
    line("}")
  }

  // MARK: Literals

  /// A float: the shortest decimal number with the same value.
  static func literal(_ number: Float) -> String { "\(number)f" }

  /// A double.
  static func literal(_ number: Double) -> String { "\(number)" }

  /// A string literal of ASCII characters.
  static func literal(_ text: String) -> String {
    var result = "\""
    for byte in text.utf8 {
      switch byte {
      case 0x22, 0x5C: result += "\\" + String(UnicodeScalar(byte))
      // A question mark may begin a trigraph.
      case 0x20..<0x3F, 0x40..<0x7F: result += String(UnicodeScalar(byte))
      default:
        let octal = String(byte, radix: 8)
        result += "\\" + String(repeating: "0", count: 3 - octal.count) + octal
      }
    }
    return result + "\""
  }

  /// Text made safe for a comment.
  static func comment(_ text: String, keepsLines: Bool = false) -> String {
    let printable = text.unicodeScalars.map { scalar in
      scalar.properties.generalCategory == .control && !(keepsLines && scalar == "\n") ? " " : String(scalar)
    }.joined()
    return printable.split(separator: "*/", omittingEmptySubsequences: false).joined(separator: "* /")
      .split(separator: "/*", omittingEmptySubsequences: false).joined(separator: "/ *")
      .split(separator: "\\", omittingEmptySubsequences: false).joined(separator: "/")
  }

  /// A valid C identifier: letters, digits and underscores, and no keyword.
  static func symbol(_ name: String) -> String {
    var result = ""
    for scalar in name.unicodeScalars {
      let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
      result += isPlain ? String(scalar) : "_"
    }
    // Names with a leading underscore are reserved for the compiler.
    if result.isEmpty || result.hasPrefix("_") || result.unicodeScalars.first.map({ ("0"..."9").contains($0) }) == true
    {
      result = "model_" + result
    }
    return result
  }
}

/// The constant tables of an exported program.
struct CTables {
  private(set) var text = ""
  /// Their size in flash.
  private(set) var bytes = 0

  /// Adds a table.
  /// - Parameters:
  ///   - type: `int16_t`.
  ///   - size: bytes of a number.
  ///   - width: numbers in a line.
  private mutating func add(
    _ name: String, _ type: String, size: Int, width: Int, count: Int, _ literal: (Int) -> String
  ) {
    bytes += count * size
    text += "static const \(type) \(name)[\(count)] = {\n"
    for index in 0..<count {
      if index % width == 0 { text += "  " }
      text += literal(index)
      text += index + 1 == count || index % width == width - 1 ? ",\n" : ", "
    }
    text += "};\n\n"
  }

  /// Adds rows of bits. Each 64-bit word becomes two 32-bit words; an unused last word of a row is left out.
  mutating func addBits(_ name: String, _ words: [UInt64], rows: Int, columns: Int) {
    let (wide, narrow) = ((columns + 63) / 64, (columns + 31) / 32)
    let halves = (0..<rows).flatMap { row in
      (0..<narrow).map { UInt32(truncatingIfNeeded: words[row * wide + $0 / 2] >> UInt64($0 % 2 * 32)) }
    }
    add(name, words: halves)
  }

  /// Adds a row of bits.
  mutating func addBits(_ name: String, _ flags: [Bool]) {
    var words = [UInt32](repeating: 0, count: (flags.count + 31) / 32)
    for (place, flag) in flags.enumerated() where flag { words[place / 32] |= 1 << UInt32(place % 32) }
    add(name, words: words)
  }

  /// Adds words.
  mutating func add(_ name: String, words: [UInt32]) {
    add(name, "uint32_t", size: 4, width: 8, count: words.count) { index in
      let digits = String(words[index], radix: 16, uppercase: true)
      return "0x" + String(repeating: "0", count: 8 - digits.count) + digits + "u"
    }
  }

  /// Adds bytes.
  mutating func add(_ name: String, bytes: [UInt8]) {
    add(name, "uint8_t", size: 1, width: 24, count: bytes.count) { "\(bytes[$0])" }
  }

  /// Adds integers in the narrowest type that can hold them.
  /// - Returns: the type's number of bits.
  @discardableResult mutating func add(_ name: String, narrowest numbers: [Int], atLeast bits: Int = 8) -> Int {
    func fits(_ range: ClosedRange<Int>) -> Bool { numbers.allSatisfy { range.contains($0) } }
    let size = bits <= 8 && fits(-128...127) ? 1 : fits(-32768...32767) ? 2 : 4
    add(name, "int\(8 * size)_t", size: size, width: 16, count: numbers.count) { index in
      // In C, -2147483648 is the negative of a number that int32_t can't hold.
      numbers[index] == Int(Int32.min) ? "INT32_MIN" : "\(numbers[index])"
    }
    return 8 * size
  }

  /// Adds floats.
  mutating func add(_ name: String, _ numbers: [Float]) {
    add(name, "float", size: 4, width: 8, count: numbers.count) { CText.literal(numbers[$0]) }
  }

  /// Adds doubles.
  mutating func add(_ name: String, _ numbers: [Double]) {
    add(name, "double", size: 8, width: 6, count: numbers.count) { CText.literal(numbers[$0]) }
  }
}
