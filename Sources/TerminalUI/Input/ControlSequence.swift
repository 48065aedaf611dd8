/// The parameters of a control sequence: `1;5` or, with kitty's subparameters, `97:65;5:3`.
struct SequenceParameters {
  /// The first part of each; 0 where it is empty.
  private(set) var numbers: [Int] = []
  /// kitty's event type: 1 press, 2 repeat, 3 release.
  private(set) var eventKind = 1
  /// kitty's shifted character; nil if not reported.
  private(set) var shifted: Int?

  /// No numbers.
  init() {}

  /// The parameters of a sequence; nil if it contains anything else.
  init?(_ bytes: ArraySlice<UInt8>) {
    guard !bytes.isEmpty else { return }
    for (place, field) in bytes.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false).enumerated() {
      var parts: [Int] = []
      for part in field.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false) {
        // More than seven digits are not valid for a column, character or modifier.
        guard part.count <= 7, part.allSatisfy({ 0x30...0x39 ~= $0 }) else { return nil }
        parts.append(part.reduce(0) { $0 * 10 + Int($1 - 0x30) })
      }
      numbers.append(parts.first ?? 0)
      if parts.count > 1 {
        if place == 0 { shifted = parts[1] } else if place == 1 { eventKind = parts[1] }
      }
    }
  }
}

/// The meaning of control sequences, `ESC [ … final`.
enum ControlSequence {
  /// The event of a sequence; nil if it is not used.
  static func event(_ bytes: [UInt8], final: UInt8, keys: TerminalKeys) -> InputEvent? {
    if let key = keys.key([0x1B, UInt8(ascii: "[")] + bytes + [final]) { return .key(key) }
    switch bytes.first {
    case UInt8(ascii: "<"):
      guard final == UInt8(ascii: "M") || final == UInt8(ascii: "m"), let parameters = SequenceParameters(bytes[1...])
      else { return nil }
      return MouseDecoder.event(sgr: parameters.numbers, isRelease: final == UInt8(ascii: "m")).map(InputEvent.mouse)
    case UInt8(ascii: "?"): return report(bytes[1...], final: final).map(InputEvent.report)
    default:
      guard let parameters = SequenceParameters(bytes[...]) else { return nil }
      return event(parameters, final: Unicode.Scalar(final))
    }
  }

  private static func event(_ parameters: SequenceParameters, final: Unicode.Scalar) -> InputEvent? {
    let numbers = parameters.numbers
    switch final {
    case "M": return MouseDecoder.event(urxvt: numbers).map(InputEvent.mouse)
    case "n": return numbers.count == 1 && (numbers[0] == 0 || numbers[0] == 3) ? .report(.status(numbers[0])) : nil
    case "R" where numbers.count == 2 && numbers[0] > 1:
      return .report(.cursor(row: numbers[0], column: numbers[1]))
    case _ where parameters.eventKind == 3: return nil
    case "u":
      let modifiers = numbers.count > 1 ? numbers[1] : 1
      guard let code = numbers.first else { return nil }
      return KeyDecoder.key(code: code, shifted: parameters.shifted, modifiers: modifiers).map(InputEvent.key)
    case "~" where numbers.count == 3 && numbers[0] == 27:
      // xterm's modifyOtherKeys.
      return KeyDecoder.key(code: numbers[2], modifiers: numbers[1]).map(InputEvent.key)
    default: return KeyDecoder.key(parameters: numbers, final: final).map(InputEvent.key)
    }
  }

  private static func report(_ bytes: ArraySlice<UInt8>, final: UInt8) -> TerminalReport? {
    let isMode = final == UInt8(ascii: "y") && bytes.last == UInt8(ascii: "$")
    guard let numbers = SequenceParameters(isMode ? bytes.dropLast() : bytes)?.numbers else { return nil }
    if isMode { return numbers.count == 2 ? .mode(numbers[0], value: numbers[1]) : nil }
    switch final {
    case UInt8(ascii: "c"): return .attributes(numbers)
    case UInt8(ascii: "R"): return numbers.count >= 2 ? .cursor(row: numbers[0], column: numbers[1]) : nil
    default: return nil
    }
  }
}

/// Turns the mouse sequences of terminals into events.
package enum MouseDecoder {
  /// The event of `ESC [ < button ; column ; row M`, `m` for a release; columns and rows count from 1.
  package static func event(sgr text: some StringProtocol, isRelease: Bool) -> MouseEvent? {
    let numbers = text.split(separator: ";").map { Int($0) }
    guard numbers.count == 3, let button = numbers[0], let x = numbers[1], let y = numbers[2] else { return nil }
    return event(sgr: [button, x, y], isRelease: isRelease)
  }

  /// The event for the three numbers.
  static func event(sgr numbers: [Int], isRelease: Bool) -> MouseEvent? {
    guard numbers.count == 3 else { return nil }
    return event(button: numbers[0], x: numbers[1] - 1, y: numbers[2] - 1, isRelease: isRelease)
  }

  /// The event of rxvt's `ESC [ button ; column ; row M`, with buttons as in X10.
  static func event(urxvt numbers: [Int]) -> MouseEvent? {
    guard numbers.count == 3, numbers[0] >= 32 else { return nil }
    return event(x10: [UInt32(numbers[0]), UInt32(numbers[1]) + 32, UInt32(numbers[2]) + 32])
  }

  /// The event of `ESC [ M` and three characters, for terminals without SGR: each character is 32 plus its value.
  package static func event(x10 bytes: [UInt32]) -> MouseEvent? {
    guard bytes.count == 3, bytes.allSatisfy({ $0 >= 32 }) else { return nil }
    let button = Int(bytes[0]) - 32
    // A value of 3 does not tell which button was released.
    let isRelease = button & 3 == 3 && button & 64 == 0
    return event(
      button: isRelease ? button & ~3 : button, x: Int(bytes[1]) - 33, y: Int(bytes[2]) - 33, isRelease: isRelease)
  }

  /// The three values after `ESC [ M`; nil while bytes are missing. Each is a byte, or two of UTF-8 (mode 1005) for
  /// columns and
  /// rows from 96.
  static func values(_ bytes: [UInt8]) -> [UInt32]? {
    var values: [UInt32] = []
    var place = 0
    while place < bytes.count {
      let byte = bytes[place]
      place += 1
      if 0xC2...0xDF ~= byte, values.count > 0 {
        if place == bytes.count { return nil }
        if 0x80...0xBF ~= bytes[place] {
          values.append(UInt32(byte & 0x1F) << 6 | UInt32(bytes[place] & 0x3F))
          place += 1
          continue
        }
      }
      values.append(UInt32(byte))
    }
    return values.count < 3 ? nil : values
  }

  /// Bits of `button`: 0-1 the button, 2-4 modifiers, 5 motion, 6 wheel.
  private static func event(button: Int, x: Int, y: Int, isRelease: Bool) -> MouseEvent? {
    guard x >= 0, y >= 0 else { return nil }
    if button & 64 != 0 {
      switch button & 3 {
      case 0: return MouseEvent(.wheelUp, x: x, y: y)
      case 1: return MouseEvent(.wheelDown, x: x, y: y)
      default: return nil
      }
    }
    // The other buttons are left to the terminal, for menus and pasting.
    guard button & 3 == 0 else { return nil }
    return MouseEvent(isRelease ? .release : button & 32 != 0 ? .drag : .press, x: x, y: y)
  }
}
