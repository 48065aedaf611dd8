import TerminalUI

/// Breaks text into lines.
enum TextWrap {
  /// The lines of `text` that are at most `width` columns wide, broken at blanks; a longer word is cut.
  static func lines(_ text: String, width: Int) -> [String] {
    guard width > 0 else { return [] }
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ", omittingEmptySubsequences: true) {
      var word = String(word)
      if !line.isEmpty, displayWidth(line) + 1 + displayWidth(word) <= width {
        line += " " + word
        continue
      }
      if !line.isEmpty { lines.append(line) }
      while displayWidth(word) > width {
        var head = ""
        while let next = word.first, displayWidth(head + String(next)) <= width || head.isEmpty {
          head.append(next)
          word.removeFirst()
        }
        lines.append(head)
      }
      line = word
    }
    if !line.isEmpty { lines.append(line) }
    return lines
  }
}
