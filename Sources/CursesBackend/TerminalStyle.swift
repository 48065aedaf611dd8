/// The colours and attributes that a terminal draws with, and the shortest sequence from one such style to another.
struct TerminalStyle: Hashable, Sendable {
  private var foreground = TerminalColor.standard
  private var background = TerminalColor.standard
  // Bit n for the attribute that parameter n sets: 1 bold, 2 dim, 3 italic, 4 underline, 5 blink, 7 reverse, ...
  private var attributes: UInt16 = 0

  /// Whether a blank looks the same.
  func looksBlankLike(_ other: TerminalStyle) -> Bool {
    hasGround(of: other) && attributes & Self.visible == 0
  }

  /// Whether what is erased looks the same: some terminals underline it.
  func hasGround(of other: TerminalStyle) -> Bool {
    background == other.background && (attributes ^ other.attributes) & Self.visible == 0
  }

  // The attributes that show on a blank: underlined, reversed, struck through.
  private static let visible: UInt16 = 1 << 4 | 1 << 7 | 1 << 9

  /// The sequence that brings a terminal here from a style; empty where it is this one.
  /// - Parameter former: nil where it is not known.
  func change(from former: TerminalStyle?) -> [UInt8] {
    guard former != self else { return [] }
    var result: [UInt8] = [0x1B]
    func append(_ number: Int) {
      result.append(result.count == 1 ? 0x5B : 0x3B)
      result += Array("\(number)".utf8)
    }
    if let former, differenceLength(former) < wholeLength {
      visitDifference(former, append)
    } else {
      visitWhole(append)
    }
    result.append(0x6D)
    return result
  }

  /// The number of bytes of `change(from:)`, without making them.
  func changeLength(from former: TerminalStyle?) -> Int {
    guard former != self else { return 0 }
    return former.map { min(differenceLength($0), wholeLength) } ?? wholeLength
  }

  // ESC and the final byte; a bracket or a semicolon before each number.
  private var wholeLength: Int {
    var length = 2
    visitWhole { length += 1 + Self.digits($0) }
    return length
  }

  private func differenceLength(_ former: TerminalStyle) -> Int {
    var length = 2
    visitDifference(former) { length += 1 + Self.digits($0) }
    return length
  }

  private static func digits(_ number: Int) -> Int { number < 10 ? 1 : number < 100 ? 2 : 3 }

  // The parameters that set everything.
  private func visitWhole(_ visit: (Int) -> Void) {
    visit(0)
    visitBits(of: attributes, visit)
    if foreground != .standard { foreground.visit(base: 30, visit) }
    if background != .standard { background.visit(base: 40, visit) }
  }

  // The parameters that set what is other than in another style.
  private func visitDifference(_ former: TerminalStyle, _ visit: (Int) -> Void) {
    let ended = former.attributes & ~attributes
    var begun = attributes & ~former.attributes
    // Bold and dim end together.
    if ended & 0b110 != 0 {
      visit(22)
      begun |= attributes & 0b110
    }
    visitBits(of: ended & ~0b111) { visit(20 + $0) }
    visitBits(of: begun, visit)
    if former.foreground != foreground { foreground.visit(base: 30, visit) }
    if former.background != background { background.visit(base: 40, visit) }
  }

  private func visitBits(of attributes: UInt16, _ visit: (Int) -> Void) {
    guard attributes != 0 else { return }
    for bit in 1..<10 where attributes >> bit & 1 == 1 { visit(bit) }
  }

  /// Takes in a sequence that changes it (SGR).
  /// - Parameter text: its parameters.
  /// - Returns: false where it is not understood.
  mutating func take(_ text: ArraySlice<UInt8>) -> Bool {
    guard text.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x3B }) else { return false }
    let parts = text.split(separator: 0x3B, omittingEmptySubsequences: false)
    let numbers = parts.map { $0.reduce(0) { min(99_999, $0 * 10 + Int($1) - 48) } }
    var index = 0
    while index < numbers.count {
      let number = numbers[index]
      switch number {
      case 0: self = TerminalStyle()
      case 1...9: attributes |= 1 << number
      case 22: attributes &= ~0b110
      case 23...29: attributes &= ~(1 << (number - 20))
      case 30...37, 90...97: foreground = .palette(number - 30)
      case 40...47, 100...107: background = .palette(number - 40)
      case 39: foreground = .standard
      case 49: background = .standard
      case 38, 48:
        let length = index + 1 < numbers.count ? [5: 3, 2: 5][numbers[index + 1]] ?? 0 : 0
        guard length > 0, index + length <= numbers.count else { return false }
        guard let color = TerminalColor(numbers[index + 2..<index + length]) else { return false }
        if number == 38 { foreground = color } else { background = color }
        index += length - 1
      default: return false
      }
      index += 1
    }
    return true
  }
}

/// A colour as sequences name it.
private struct TerminalColor: Hashable, Sendable {
  // The form in the top byte, the numbers below it.
  private let bits: UInt32

  private init(bits: UInt32) { self.bits = bits }

  /// The colour where none is set.
  static let standard = TerminalColor(bits: 0)

  /// A colour by its distance from the parameter of the first: 0 to 7, 60 to 67.
  static func palette(_ number: Int) -> TerminalColor { TerminalColor(bits: 1 << 24 | UInt32(number)) }

  /// A colour by its index, or by red, green and blue; nil if a number has no byte.
  init?(_ numbers: ArraySlice<Int>) {
    guard numbers.allSatisfy({ 0...255 ~= $0 }) else { return nil }
    bits =
      numbers.count == 1
      ? 2 << 24 | UInt32(numbers.first ?? 0) : numbers.reduce(UInt32(3)) { $0 << 8 | UInt32($1) }
  }

  /// Visits the parameters that set it.
  /// - Parameter base: the parameter of the first colour: 30 for glyphs, 40 for the ground.
  func visit(base: Int, _ visit: (Int) -> Void) {
    let value = Int(bits & 0xFF_FFFF)
    switch bits >> 24 {
    case 0: visit(base + 9)
    case 1: visit(base + value)
    case 2:
      visit(base + 8)
      visit(5)
      visit(value)
    default:
      visit(base + 8)
      visit(2)
      visit(value >> 16)
      visit(value >> 8 & 0xFF)
      visit(value & 0xFF)
    }
  }
}
