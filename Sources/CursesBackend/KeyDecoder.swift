import CNcurses
package import TerminalUI

/// Turns what ncurses reads into keys.
package enum KeyDecoder {
  /// The key of one of ncurses' codes; nil for those that mean nothing here.
  package static func key(code: Int32) -> Key? {
    switch code {
    case KEY_UP: .up
    case KEY_DOWN: .down
    case KEY_LEFT: .left
    case KEY_RIGHT: .right
    case KEY_SLEFT: .shiftLeft
    case KEY_SRIGHT: .shiftRight
    case KEY_SR: .shiftUp
    case KEY_SF: .shiftDown
    case KEY_PPAGE, KEY_SPREVIOUS: .pageUp
    case KEY_NPAGE, KEY_SNEXT: .pageDown
    case KEY_HOME, KEY_A1, KEY_SHOME: .home
    case KEY_END, KEY_C1, KEY_SEND, KEY_LL: .end
    case KEY_ENTER: .enter
    case KEY_BTAB: .backTab
    case KEY_BACKSPACE: .backspace
    case KEY_DC, KEY_SDC: .delete
    case KEY_IC: .insert
    case signflip_function_key + 1...signflip_function_key + 63: .function(Int(code - signflip_function_key))
    default: nil
    }
  }

  /// The key of a character, control characters included.
  package static func key(scalar: Unicode.Scalar) -> Key? {
    switch scalar.value {
    case 0x09: .tab
    case 0x0A, 0x0D: .enter
    case 0x08, 0x7F: .backspace
    case 0x1B: .escape
    case 0x01...0x1A: .control(Character(Unicode.Scalar(UInt8(scalar.value) + 0x60)))
    case 0x00...0x1F, 0x80..<0xA0: nil
    default: .character(Character(scalar))
    }
  }

  /// The key of a control sequence `ESC [ parameters final` that terminfo does not have: the xterm forms, whose second
  /// parameter is 1 + 1 (Shift) + 2 (Alt) + 4 (Ctrl). Only Shift with an arrow is a key of its own.
  package static func key(parameters: [Int], final: Unicode.Scalar) -> Key? {
    let isShifted = parameters.count > 1 && (parameters[1] - 1) & 1 == 1
    switch final {
    case "A": return isShifted ? .shiftUp : .up
    case "B": return isShifted ? .shiftDown : .down
    case "C": return isShifted ? .shiftRight : .right
    case "D": return isShifted ? .shiftLeft : .left
    case "H": return .home
    case "F": return .end
    case "M": return .enter
    case "P", "Q", "R", "S": return .function(Int(final.value - 0x50) + 1)
    case "Z": return .backTab
    case "~": return numbered[parameters.first ?? 0]
    default: return nil
    }
  }

  private static let numbered: [Int: Key] = [
    1: .home, 7: .home, 4: .end, 8: .end, 2: .insert, 3: .delete, 5: .pageUp, 6: .pageDown, 11: .function(1),
    12: .function(2), 13: .function(3), 14: .function(4), 15: .function(5), 17: .function(6), 18: .function(7),
    19: .function(8), 20: .function(9), 21: .function(10), 23: .function(11), 24: .function(12),
  ]
}
