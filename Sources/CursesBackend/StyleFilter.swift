/// Shortens what ncurses sends to change colours and attributes.
///
/// ncurses sets the foreground and the background for every pair, and all anew when an attribute ends. Here the
/// sequences are read, and before a glyph only what differs from the terminal's state is sent, as one sequence; before a
/// blank only what shows on it. All other bytes pass as they are. Where a sequence is not understood, all do from then
/// on.
package struct StyleFilter: Sendable {
  /// What the terminal draws with.
  private struct State: Equatable {
    // Parameters of the sequence that sets it; empty for the default.
    var foreground: [UInt8] = []
    var background: [UInt8] = []
    // Bit n for the attribute that parameter n sets: 1 bold, 2 dim, 3 italic, 4 underline, 5 blink, 7 reverse, ...
    var attributes: UInt16 = 0

    /// Whether a blank looks the same.
    func looksBlankLike(_ other: State) -> Bool {
      let visible: UInt16 = 1 << 4 | 1 << 7 | 1 << 9
      return background == other.background && (attributes | other.attributes) & visible == 0
    }
  }

  // What ncurses believes to be set.
  private var wanted = State()
  // What is set; nil where that is not known.
  private var sent: State?
  // The glyphs that `ESC (` and SI or SO have chosen; 0 where that is not known.
  private var charset: UInt8 = 0
  private var shift: UInt8 = 0
  private var isPassing: Bool

  /// A filter for a terminal whose state is not known.
  /// - Parameter isANSI: whether its sequences are those of ANSI; else all passes.
  package init(isANSI: Bool) { isPassing = !isANSI }

  /// Forgets what the terminal's state is: someone else has had it.
  package mutating func forget() {
    self = StyleFilter(isANSI: !isPassing)
  }

  /// Sends whole sequences and text on.
  package mutating func filter(_ bytes: [UInt8]) -> [UInt8] {
    if isPassing { return bytes }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      switch byte {
      case 0x1B:
        let end = Self.end(ofSequenceAt: index, in: bytes)
        guard take(bytes[index..<end], &result) else {
          isPassing = true
          return result + settled() + bytes[index...]
        }
        index = end
        continue
      case 0x0E, 0x0F:
        if shift != byte { result.append(byte) }
        shift = byte
      // A line feed at the foot would bring in a blank row; ncurses moves the cursor with it.
      case 0..<0x20: result.append(byte)
      case 0x20:
        if sent.map({ !$0.looksBlankLike(wanted) }) ?? true { result += settled() }
        result.append(byte)
      default:
        if sent != wanted { result += settled() }
        result.append(byte)
      }
      index += 1
    }
    return result
  }

  /// The bytes that bring the terminal to the state in which ncurses believes it to be.
  package mutating func settled() -> [UInt8] {
    guard sent != wanted else { return [] }
    defer { sent = wanted }
    let full = Self.sequence([Array("0".utf8)] + Self.parameters(wanted))
    guard let sent else { return full }
    var parts: [[UInt8]] = []
    let ended = sent.attributes & ~wanted.attributes
    var begun = wanted.attributes & ~sent.attributes
    // Bold and dim end together.
    if ended & 0b110 != 0 {
      parts.append(Array("22".utf8))
      begun |= wanted.attributes & 0b110
    }
    for bit in 3..<10 where ended >> bit & 1 == 1 { parts.append(Array("2\(bit)".utf8)) }
    for bit in 1..<10 where begun >> bit & 1 == 1 { parts.append(Array("\(bit)".utf8)) }
    if sent.foreground != wanted.foreground {
      parts.append(wanted.foreground.isEmpty ? Array("39".utf8) : wanted.foreground)
    }
    if sent.background != wanted.background {
      parts.append(wanted.background.isEmpty ? Array("49".utf8) : wanted.background)
    }
    let difference = Self.sequence(parts)
    return difference.count < full.count ? difference : full
  }

  private static func parameters(_ state: State) -> [[UInt8]] {
    (1..<10).filter { state.attributes >> $0 & 1 == 1 }.map { Array("\($0)".utf8) }
      + [state.foreground, state.background].filter { !$0.isEmpty }
  }

  private static func sequence(_ parts: [[UInt8]]) -> [UInt8] {
    [0x1B, 0x5B] + parts.joined(separator: [0x3B]) + [0x6D]
  }

  private static func end(ofSequenceAt start: Int, in bytes: [UInt8]) -> Int {
    var index = start + 1
    guard index < bytes.count else { return bytes.count }
    if bytes[index] == 0x5B {
      index += 1
      while index < bytes.count, bytes[index] < 0x40 { index += 1 }
    } else {
      // Intermediate bytes, as in `ESC ( B`.
      while index < bytes.count, (0x20..<0x30).contains(bytes[index]) { index += 1 }
    }
    return min(bytes.count, index + 1)
  }

  // Takes in a sequence and sends it on where it has to be; false where it is not understood.
  private mutating func take(_ sequence: ArraySlice<UInt8>, _ result: inout [UInt8]) -> Bool {
    let bytes = Array(sequence)
    guard bytes.count > 2, let final = bytes.last else {
      // A keypad mode passes; what saves or restores the state, or resets the terminal, does not.
      guard bytes.count == 2, bytes[1] == 0x3D || bytes[1] == 0x3E || bytes[1] == 0x4D else { return false }
      result += bytes
      return true
    }
    if bytes[1] == 0x28, bytes.count == 3 {
      if charset != final { result += bytes }
      charset = final
      return true
    }
    // Other sets of glyphs are only made ready.
    if (0x29...0x2F).contains(bytes[1]) {
      result += bytes
      return true
    }
    guard bytes[1] == 0x5B else { return false }
    switch final {
    case UInt8(ascii: "m"): return setStyle(bytes[2..<(bytes.count - 1)])
    case UInt8(ascii: "J"), UInt8(ascii: "K"), UInt8(ascii: "X"), UInt8(ascii: "@"), UInt8(ascii: "P"),
      UInt8(ascii: "L"), UInt8(ascii: "M"), UInt8(ascii: "S"), UInt8(ascii: "T"):
      // Blanks appear in the background's colour, and only in that.
      if sent?.background != wanted.background { result += settled() }
    default: break
    }
    result += bytes
    return true
  }

  private mutating func setStyle(_ text: ArraySlice<UInt8>) -> Bool {
    guard text.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x3B }) else { return false }
    let parts = text.split(separator: 0x3B, omittingEmptySubsequences: false)
    let numbers = parts.map { $0.reduce(0) { min(99_999, $0 * 10 + Int($1) - 48) } }
    var index = 0
    while index < numbers.count {
      let number = numbers[index]
      switch number {
      case 0: wanted = State()
      case 1...9: wanted.attributes |= 1 << number
      case 22: wanted.attributes &= ~0b110
      case 23...29: wanted.attributes &= ~(1 << (number - 20))
      case 30...37, 90...97: wanted.foreground = Array(parts[index])
      case 40...47, 100...107: wanted.background = Array(parts[index])
      case 39: wanted.foreground = []
      case 49: wanted.background = []
      case 38, 48:
        let length = index + 1 < numbers.count ? [5: 3, 2: 5][numbers[index + 1]] ?? 0 : 0
        guard length > 0, index + length <= numbers.count else { return false }
        let color = Array(parts[index..<index + length].joined(separator: [0x3B]))
        if number == 38 { wanted.foreground = color } else { wanted.background = color }
        index += length - 1
      default: return false
      }
      index += 1
    }
    return true
  }
}
