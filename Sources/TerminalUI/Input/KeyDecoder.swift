/// Turns characters and key sequences into keys.
package enum KeyDecoder {
  /// The key of a character, control characters included; nil for those that are no key.
  package static func key(scalar: Unicode.Scalar) -> Key? {
    switch scalar.value {
    case 0x09: .tab
    case 0x0A, 0x0D: .enter
    case 0x08, 0x7F: .backspace
    case 0x1B: .escape
    case 0x01...0x1A: .control(Character(Unicode.Scalar(UInt8(scalar.value) + 0x60)))
    case 0x1C: .control("\\")
    case 0x00...0x1F, 0x80..<0xA0: nil
    default: .character(Character(scalar))
    }
  }

  /// The key of a control sequence `ESC [ parameters final`: the xterm forms, whose second parameter is 1 + 1 (Shift) +
  /// 2 (Alt) + 4 (Ctrl). Only Shift with an arrow is a key of its own.
  package static func key(parameters: [Int], final: Unicode.Scalar) -> Key? {
    guard parameters.count < 3, parameters.count < 2 || (0...256).contains(parameters[1]) else { return nil }
    let isShifted = parameters.count > 1 && (parameters[1] - 1) & 1 == 1
    // rxvt ends with `^` for Ctrl, and with `$`, which the parser makes `~`, for Shift.
    if final == "~" || parameters.count == 1 && (final == "^" || final == "@") {
      return parameters.first.flatMap { numbered[$0] }
    }
    guard parameters.isEmpty || parameters[0] < 2 else { return nil }
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
    // rxvt's arrows with Shift.
    case "a" where parameters.isEmpty: return .shiftUp
    case "b" where parameters.isEmpty: return .shiftDown
    case "c" where parameters.isEmpty: return .shiftRight
    case "d" where parameters.isEmpty: return .shiftLeft
    default: return nil
    }
  }

  /// The key of `ESC O parameters final`: arrows, the first function keys, and the keypad when it sends sequences.
  static func key(function final: Unicode.Scalar, parameters: SequenceParameters) -> Key? {
    var numbers = parameters.numbers
    // Some terminals send the modifiers alone.
    if numbers.count == 1, numbers[0] > 1 { numbers = [1, numbers[0]] }
    switch final {
    case "A", "B", "C", "D", "H", "F", "M", "P", "Q", "R", "S", "Z": return key(parameters: numbers, final: final)
    case _ where !numbers.isEmpty: return nil
    // rxvt's arrows with Ctrl.
    case "a": return .up
    case "b": return .down
    case "c": return .right
    case "d": return .left
    case "I": return .tab
    case "X": return .character("=")
    case "j"..."y": return .character(Character(Unicode.Scalar(UInt8(final.value) - 0x40)))
    default: return nil
    }
  }

  /// The key of a character's code with modifiers (`ESC [ code ; modifiers u`): 1 + 1 (Shift) + 2 (Alt) + 4 (Ctrl) + 8
  /// (Super) + 16 (Hyper) + 32 (Meta); 64 and 128 are locks. A character with Alt, Super, Hyper or Meta means nothing.
  static func key(code: Int, shifted: Int? = nil, modifiers: Int) -> Key? {
    let bits = max(0, modifiers - 1)
    let isShifted = bits & 1 != 0
    if let key = named[code] {
      return key == .tab && isShifted ? .backTab : key
    }
    guard bits & 0b11_1010 == 0, code >= 0x20, let scalar = Unicode.Scalar(UInt32(code)),
      scalar.properties.generalCategory != .privateUse
    else { return nil }
    if bits & 4 != 0 {
      guard let letter = Character(scalar).lowercased().first, letter.isASCII, letter.isLetter || letter == "\\" else {
        return nil
      }
      return .control(letter)
    }
    if isShifted, let shifted, shifted >= 0x20, let scalar = Unicode.Scalar(UInt32(shifted)) {
      return key(scalar: scalar)
    }
    if isShifted, scalar.properties.isLowercase, let upper = Character(scalar).uppercased().first {
      return .character(upper)
    }
    return key(scalar: scalar)
  }

  // kitty's codes of keys without a character, and those that have one.
  private static let named: [Int: Key] = [
    8: .backspace, 9: .tab, 13: .enter, 27: .escape, 127: .backspace, 57414: .enter, 57417: .left, 57418: .right,
    57419: .up, 57420: .down, 57421: .pageUp, 57422: .pageDown, 57423: .home, 57424: .end, 57425: .insert,
    57426: .delete,
  ]

  private static let numbered: [Int: Key] = [
    1: .home, 7: .home, 4: .end, 8: .end, 2: .insert, 3: .delete, 5: .pageUp, 6: .pageDown, 11: .function(1),
    12: .function(2), 13: .function(3), 14: .function(4), 15: .function(5), 17: .function(6), 18: .function(7),
    19: .function(8), 20: .function(9), 21: .function(10), 23: .function(11), 24: .function(12),
  ]
}

/// The sequences that terminfo has for a terminal's keys.
package struct TerminalKeys: Hashable, Sendable {
  private var keys: [[UInt8]: Key] = [:]
  private var beginnings: Set<[UInt8]> = []

  /// No sequences: the parser then knows the usual forms alone.
  package init() {}

  /// The sequences of the capabilities below.
  /// - Parameter string: terminfo's string of a capability; nil where it has none.
  package init(string: (String) -> [UInt8]?) {
    let functions = (1...63).map { ("kf\($0)", Key.function($0)) }
    // The first that has a sequence keeps it.
    for (name, key) in Self.capabilities + functions {
      guard let sequence = string(name), !sequence.isEmpty, keys[sequence] == nil else { continue }
      // The characters that every terminal has are no matter of terminfo.
      if sequence.count == 1, sequence[0] >= 0x20 || [0x03, 0x08, 0x09, 0x0A, 0x0D, 0x1A, 0x1B].contains(sequence[0]) {
        continue
      }
      keys[sequence] = key
      for length in 1..<sequence.count { beginnings.insert(Array(sequence[..<length])) }
    }
  }

  /// The key of a whole sequence; nil where it is none.
  func key(_ sequence: [UInt8]) -> Key? { keys.isEmpty ? nil : keys[sequence] }

  /// Whether a key's sequence begins so.
  func isBeginning(_ sequence: [UInt8]) -> Bool { beginnings.contains(sequence) }

  private static let capabilities: [(String, Key)] = [
    ("kcuu1", .up), ("kcud1", .down), ("kcub1", .left), ("kcuf1", .right), ("kLFT", .shiftLeft), ("kRIT", .shiftRight),
    ("kri", .shiftUp), ("kind", .shiftDown), ("khome", .home), ("kHOM", .home), ("kend", .end), ("kEND", .end),
    ("kll", .end), ("kpp", .pageUp), ("kPRV", .pageUp), ("knp", .pageDown), ("kNXT", .pageDown), ("kich1", .insert),
    ("kIC", .insert), ("kdch1", .delete), ("kDC", .delete), ("kcbt", .backTab), ("kent", .enter), ("kbs", .backspace),
    ("ka1", .home), ("ka3", .pageUp), ("kc1", .end), ("kc3", .pageDown),
  ]
}

/// The bytes of one character in UTF-8, as they come one after the other.
enum UTF8Character {
  /// Whether `byte` may follow the bytes that have begun a character, by the table of well-formed sequences.
  static func canFollow(_ byte: UInt8, _ begun: [UInt8]) -> Bool {
    guard 0x80...0xBF ~= byte, begun.count < length(begun[0]) else { return false }
    guard begun.count == 1 else { return true }
    return switch begun[0] {
    case 0xE0: byte >= 0xA0
    case 0xED: byte < 0xA0
    case 0xF0: byte >= 0x90
    case 0xF4: byte < 0x90
    default: true
    }
  }

  /// The character that the bytes are; nil while more belong to it.
  static func scalar(_ bytes: [UInt8]) -> Unicode.Scalar? {
    guard bytes.count == length(bytes[0]) else { return nil }
    let first = UInt32(bytes[0]) & (bytes.count == 2 ? 0x1F : bytes.count == 3 ? 0x0F : 0x07)
    return Unicode.Scalar(bytes.dropFirst().reduce(first) { $0 << 6 | UInt32($1 & 0x3F) })
  }

  private static func length(_ first: UInt8) -> Int {
    switch first {
    case 0xC2...0xDF: 2
    case 0xE0...0xEF: 3
    case 0xF0...0xF4: 4
    default: 1
    }
  }
}
