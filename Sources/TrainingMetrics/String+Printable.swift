extension String {
  /// The text with what would steer a terminal or deceive a reader made visible, but with its line ends.
  ///
  /// Control characters, the line separators of Unicode and the marks that change the direction of writing become `\u{1B}`, `\t`,
  /// `\u{202E}` and the like: text from a file must not move the cursor, forge a line or turn a word around.
  package var printable: String { escaped { $0 != "\n" && $0.isUnprintable } }

  /// The text as `printable`, in one line: line ends are made visible too.
  package var printableLine: String { escaped(\.isUnprintable) }

  private func escaped(_ needsEscape: (Unicode.Scalar) -> Bool) -> String {
    guard unicodeScalars.contains(where: needsEscape) else { return self }
    var text = ""
    for scalar in unicodeScalars {
      guard needsEscape(scalar) else {
        text.unicodeScalars.append(scalar)
        continue
      }
      switch scalar {
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      default: text += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
      }
    }
    return text
  }
}

extension Unicode.Scalar {
  /// Whether a terminal or a reader could take the scalar for something else than a glyph.
  package var isUnprintable: Bool {
    switch value {
    case 0..<0x20, 0x7F..<0xA0: true
    // Marks, embeddings, overrides and isolates of direction; line and paragraph separator.
    case 0x61C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}
