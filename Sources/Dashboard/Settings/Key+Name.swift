package import TerminalUI

// The names of keys in the settings: `p`, `space`, `ctrl-r`, `shift-left`, `F5`.

extension Key {
  /// Why a name is not that of a key that can be bound.
  package struct NameError: Error, Hashable, Sendable {
    /// What was expected, and what was found.
    package let message: String
  }

  /// The name in the settings.
  package var name: String {
    switch self {
    case .character(" "): "space"
    case .character(let character): String(character)
    case .control(let letter): "ctrl-\(letter)"
    case .function(let number): "F\(number)"
    default: Self.named.first { $0.key == self }?.name ?? label
    }
  }

  /// The key of a name. Letter case matters for single characters only.
  /// - Throws: `NameError` for unknown names, and for keys that cannot be bound: those that always leave, and those that
  ///   terminals send as another key.
  package init(name: String) throws(NameError) {
    let word = name.lowercased()
    if let character = name.first, name.count == 1, !character.isWhitespace, !character.isNewline {
      self = .character(character)
    } else if let key = Self.named.first(where: { $0.name == word })?.key ?? Self.others[word] {
      self = key
    } else if word.hasPrefix("f"), let number = Int(word.dropFirst()), (1...12).contains(number) {
      self = .function(number)
    } else if let letter = Self.letter(ofControl: word) {
      self = try Self.control(named: letter)
    } else {
      throw NameError(
        message: "expected a key such as p, space, ctrl-r, shift-left or F5, found “\(name)”")
    }
  }

  private static func letter(ofControl word: String) -> Character? {
    for prefix in ["ctrl-", "c-", "^"] where word.hasPrefix(prefix) && word.count == prefix.count + 1 {
      return word.last
    }
    return nil
  }

  private static func control(named letter: Character) throws(NameError) -> Key {
    switch letter {
    case "c", "\\": throw NameError(message: "ctrl-\(letter) always leads out, and cannot be bound")
    case "z": throw NameError(message: "ctrl-z suspends the screen, and cannot be bound")
    case "i": throw NameError(message: "terminals send tab for ctrl-i: expected tab")
    case "j", "m": throw NameError(message: "terminals send enter for ctrl-\(letter): expected enter")
    case "h": throw NameError(message: "terminals send backspace for ctrl-h: expected backspace")
    case "a"..."z": return .control(letter)
    default: throw NameError(message: "expected a letter after ctrl-, found “\(letter)”")
    }
  }

  private static let named: [(name: String, key: Key)] = [
    ("space", .character(" ")), ("enter", .enter), ("esc", .escape), ("tab", .tab), ("shift-tab", .backTab),
    ("backspace", .backspace), ("delete", .delete), ("insert", .insert), ("up", .up), ("down", .down), ("left", .left),
    ("right", .right), ("shift-left", .shiftLeft), ("shift-right", .shiftRight), ("shift-up", .shiftUp),
    ("shift-down", .shiftDown), ("page-up", .pageUp), ("page-down", .pageDown), ("home", .home), ("end", .end),
  ]

  private static let others: [String: Key] = [
    "escape": .escape, "return": .enter, "del": .delete, "ins": .insert, "pageup": .pageUp, "pgup": .pageUp,
    "pagedown": .pageDown, "pgdn": .pageDown, "backtab": .backTab,
  ]
}
