/// A line of text being typed, with a cursor.
package struct TextEntry: Hashable, Sendable {
  /// The text.
  package private(set) var text: String
  /// How many characters stand before the cursor.
  package private(set) var cursor: Int

  /// A line with the cursor at its end.
  package init(_ text: String = "") {
    self.text = text
    cursor = text.count
  }

  /// Puts text in at the cursor; line breaks and other control characters are left out.
  package mutating func insert(_ addition: String) {
    let printing = addition.filter { character in
      !character.unicodeScalars.contains { $0.properties.generalCategory == .control }
    }
    let place = text.index(text.startIndex, offsetBy: cursor)
    text.insert(contentsOf: printing, at: place)
    cursor += printing.count
  }

  /// Takes away the character before the cursor.
  /// - Returns: whether there was one.
  @discardableResult
  package mutating func deleteBackward() -> Bool {
    guard cursor > 0 else { return false }
    cursor -= 1
    text.remove(at: text.index(text.startIndex, offsetBy: cursor))
    return true
  }

  /// Takes away the character at the cursor.
  package mutating func deleteForward() {
    guard cursor < text.count else { return }
    text.remove(at: text.index(text.startIndex, offsetBy: cursor))
  }

  /// Takes away all before the cursor.
  package mutating func deleteToStart() {
    text.removeFirst(cursor)
    cursor = 0
  }

  /// Takes away the word before the cursor.
  package mutating func deleteWord() {
    var before = Array(text.prefix(cursor))
    let after = text.dropFirst(cursor)
    while before.last == " " { before.removeLast() }
    while let last = before.last, last != " " { before.removeLast() }
    cursor = before.count
    text = String(before) + after
  }

  /// Moves the cursor by `distance` characters, as far as the text goes.
  package mutating func move(by distance: Int) { cursor = min(max(0, cursor + distance), text.count) }
  /// Moves the cursor before the first character.
  package mutating func moveToStart() { cursor = 0 }
  /// Moves the cursor behind the last character.
  package mutating func moveToEnd() { cursor = text.count }
}
