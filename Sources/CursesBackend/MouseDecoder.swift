package import TerminalUI

/// Turns the mouse sequences of terminals into events.
package enum MouseDecoder {
  /// The event of `ESC [ < button ; column ; row M`, `m` for a release; columns and rows count from 1.
  package static func event(sgr text: some StringProtocol, isRelease: Bool) -> MouseEvent? {
    let numbers = text.split(separator: ";").map { Int($0) }
    guard numbers.count == 3, let button = numbers[0], let x = numbers[1], let y = numbers[2] else { return nil }
    return event(button: button, x: x - 1, y: y - 1, isRelease: isRelease)
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
