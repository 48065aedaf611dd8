/// A line of text that is being edited.
package struct TextField: Hashable, Sendable {
  /// The characters.
  private var characters: [Character]
  /// How many characters stand before the cursor.
  package private(set) var cursor: Int
  /// What stands in the empty field.
  package var placeholder: String

  /// A field with some text, the cursor behind it.
  package init(_ text: String = "", placeholder: String = "") {
    characters = Array(text)
    cursor = characters.count
    self.placeholder = placeholder
  }

  /// The text.
  package var text: String {
    get { String(characters) }
    set {
      characters = Array(newValue)
      cursor = characters.count
    }
  }

  /// Whether there is no text.
  package var isEmpty: Bool { characters.isEmpty }

  /// How many characters a field takes: more than any path or command has.
  package static let limit = 4096

  /// How many characters there are.
  package var count: Int { characters.count }

  /// Whether nothing more can be inserted.
  package var isFull: Bool { characters.count >= Self.limit }

  /// Inserts text before the cursor, as much as the field takes; line ends become blanks.
  /// - Returns: how many characters were left out.
  @discardableResult
  package mutating func insert(_ text: String) -> Int {
    let room = max(0, Self.limit - characters.count)
    let added = text.prefix(room).map { $0.isNewline || $0 == "\t" ? " " : $0 }
    characters.insert(contentsOf: added, at: cursor)
    cursor += added.count
    return added.count < room ? 0 : text.count - added.count
  }

  /// Deletes the character before the cursor.
  package mutating func deleteBackward() {
    guard cursor > 0 else { return }
    cursor -= 1
    characters.remove(at: cursor)
  }

  /// Deletes the character behind the cursor.
  package mutating func deleteForward() {
    guard cursor < characters.count else { return }
    characters.remove(at: cursor)
  }

  /// Deletes back to the beginning of the word before the cursor.
  package mutating func deleteWordBackward() {
    var start = cursor
    while start > 0, characters[start - 1].isWhitespace { start -= 1 }
    while start > 0, !characters[start - 1].isWhitespace { start -= 1 }
    characters.removeSubrange(start..<cursor)
    cursor = start
  }

  /// Deletes all that stands before the cursor.
  package mutating func deleteToStart() {
    characters.removeSubrange(0..<cursor)
    cursor = 0
  }

  /// Deletes all that stands behind the cursor.
  package mutating func deleteToEnd() { characters.removeSubrange(cursor...) }

  /// Deletes everything.
  package mutating func clear() {
    characters = []
    cursor = 0
  }

  /// Moves the cursor by so many characters, as far as the text goes.
  package mutating func moveCursor(by count: Int) { cursor = max(0, min(characters.count, cursor + count)) }

  /// Moves the cursor to the beginning.
  package mutating func moveToStart() { cursor = 0 }

  /// Moves the cursor to the end.
  package mutating func moveToEnd() { cursor = characters.count }

  /// Does what the key means in a line of text, the Ctrl letters as shells have them.
  /// - Returns: whether the key means anything here.
  @discardableResult
  package mutating func handle(_ key: Key) -> Bool {
    switch key {
    case .character(let character): insert(String(character))
    case .backspace: deleteBackward()
    case .delete, .control("d"): deleteForward()
    case .left, .control("b"): moveCursor(by: -1)
    case .right, .control("f"): moveCursor(by: 1)
    case .home, .control("a"): moveToStart()
    case .end, .control("e"): moveToEnd()
    case .control("w"): deleteWordBackward()
    case .control("u"): deleteToStart()
    case .control("k"): deleteToEnd()
    default: return false
    }
    return true
  }

  /// Draws the field in the first row of `area`, scrolled so that the cursor shows, and puts the frame's cursor there.
  package func render(
    into frame: inout Frame, area: Rect, theme: Theme, glyphs: GlyphSet, isFocused: Bool = true,
    background: ThemeRole = .background
  ) {
    guard area.width > 0, area.height > 0 else { return }
    if isFocused { frame.cursor = Frame.Point(x: area.x, y: area.y) }
    if characters.isEmpty {
      frame.text(placeholder, x: area.x, y: area.y, style: theme.style(.faint, on: background), maxWidth: area.width)
      return
    }
    // The text before the cursor that fits, with a column left for the cursor itself.
    var start = cursor
    var before = 0
    while start > 0 {
      let width = displayWidth(String(characters[start - 1]))
      if before + width > area.width - 1 { break }
      before += width
      start -= 1
    }
    var text = ""
    var used = 0
    for character in characters[start...] {
      let width = displayWidth(String(character))
      if used + width > area.width { break }
      text.append(character)
      used += width
    }
    frame.text(text, x: area.x, y: area.y, style: theme.style(.text, on: background))
    if start > 0 { frame[area.x, area.y] = Cell(glyphs.ellipsis, style: theme.style(.faint, on: background)) }
    if isFocused { frame.cursor = Frame.Point(x: area.x + before, y: area.y) }
  }
}
