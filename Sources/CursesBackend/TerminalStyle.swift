/// The colours and attributes that a terminal draws with, and the shortest sequence from one such style to another.
struct TerminalStyle: Hashable, Sendable {
  // Parameters of the sequence that sets it; empty for the default.
  private var foreground: [UInt8] = []
  private var background: [UInt8] = []
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
    let full = Self.sequence([Array("0".utf8)] + parameters)
    guard let former else { return full }
    var parts: [[UInt8]] = []
    let ended = former.attributes & ~attributes
    var begun = attributes & ~former.attributes
    // Bold and dim end together.
    if ended & 0b110 != 0 {
      parts.append(Array("22".utf8))
      begun |= attributes & 0b110
    }
    for bit in 3..<10 where ended >> bit & 1 == 1 { parts.append(Array("2\(bit)".utf8)) }
    for bit in 1..<10 where begun >> bit & 1 == 1 { parts.append(Array("\(bit)".utf8)) }
    if former.foreground != foreground { parts.append(foreground.isEmpty ? Array("39".utf8) : foreground) }
    if former.background != background { parts.append(background.isEmpty ? Array("49".utf8) : background) }
    let difference = Self.sequence(parts)
    return difference.count < full.count ? difference : full
  }

  private var parameters: [[UInt8]] {
    (1..<10).filter { attributes >> $0 & 1 == 1 }.map { Array("\($0)".utf8) }
      + [foreground, background].filter { !$0.isEmpty }
  }

  private static func sequence(_ parts: [[UInt8]]) -> [UInt8] {
    [0x1B, 0x5B] + parts.joined(separator: [0x3B]) + [0x6D]
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
      case 30...37, 90...97: foreground = Array(parts[index])
      case 40...47, 100...107: background = Array(parts[index])
      case 39: foreground = []
      case 49: background = []
      case 38, 48:
        let length = index + 1 < numbers.count ? [5: 3, 2: 5][numbers[index + 1]] ?? 0 : 0
        guard length > 0, index + length <= numbers.count else { return false }
        let color = Array(parts[index..<index + length].joined(separator: [0x3B]))
        if number == 38 { foreground = color } else { background = color }
        index += length - 1
      default: return false
      }
      index += 1
    }
    return true
  }
}
