/// Turns the mouse sequences of terminals into events.
package enum MouseDecoder {
  /// The event of `ESC [ < button ; column ; row M`, `m` for a release; columns and rows count from 1.
  package static func event(sgr text: some StringProtocol, isRelease: Bool) -> MouseEvent? {
    let numbers = text.split(separator: ";").map { Int($0) }
    guard numbers.count == 3, let button = numbers[0], let x = numbers[1], let y = numbers[2] else { return nil }
    return event(sgr: [button, x, y], isRelease: isRelease)
  }

  /// The same with its three numbers.
  static func event(sgr numbers: [Int], isRelease: Bool) -> MouseEvent? {
    guard numbers.count == 3 else { return nil }
    return event(button: numbers[0], x: numbers[1] - 1, y: numbers[2] - 1, isRelease: isRelease)
  }

  /// The event of rxvt's `ESC [ button ; column ; row M`, with the buttons of the form below.
  static func event(urxvt numbers: [Int]) -> MouseEvent? {
    guard numbers.count == 3, numbers[0] >= 32 else { return nil }
    return event(x10: [UInt32(numbers[0]), UInt32(numbers[1]) + 32, UInt32(numbers[2]) + 32])
  }

  /// The event of `ESC [ M` and three characters, the form of terminals without SGR: each is 32 more than its value.
  package static func event(x10 bytes: [UInt32]) -> MouseEvent? {
    guard bytes.count == 3, bytes.allSatisfy({ $0 >= 32 }) else { return nil }
    let button = Int(bytes[0]) - 32
    // Three says which button was released: none that is known.
    let isRelease = button & 3 == 3 && button & 64 == 0
    return event(
      button: isRelease ? button & ~3 : button, x: Int(bytes[1]) - 33, y: Int(bytes[2]) - 33, isRelease: isRelease)
  }

  /// The three values behind `ESC [ M`; nil while bytes are missing. Each is a byte, or two of UTF-8 (mode 1005), which
  /// begin from column and row 96 on.
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

  /// Bits of `button`: 0-1 which one, 2-4 modifiers, 5 in motion, 6 the wheel.
  private static func event(button: Int, x: Int, y: Int, isRelease: Bool) -> MouseEvent? {
    guard x >= 0, y >= 0 else { return nil }
    if button & 64 != 0 {
      switch button & 3 {
      case 0: return MouseEvent(.wheelUp, x: x, y: y)
      case 1: return MouseEvent(.wheelDown, x: x, y: y)
      default: return nil
      }
    }
    // The other buttons are the terminal's, for menus and pasting.
    guard button & 3 == 0 else { return nil }
    return MouseEvent(isRelease ? .release : button & 32 != 0 ? .drag : .press, x: x, y: y)
  }
}
