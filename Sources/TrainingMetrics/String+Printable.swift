extension String {
  /// The text with control characters made visible, except line feeds.
  ///
  /// Control characters, Unicode line separators and bidirectional formatting characters become `\u{1B}`, `\t`,
  /// `\u{202E}` and the like, so that text from a file cannot move the cursor, forge a line or reverse the reading
  /// order.
  package var printable: String { escaped { $0 != "\n" && $0.isUnprintable } }

  /// The text as `printable`, on one line: line feeds are made visible too.
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
  /// Whether the scalar could control a terminal or mislead a reader.
  package var isUnprintable: Bool {
    switch value {
    case 0..<0x20, 0x7F..<0xA0: true
    // Bidirectional marks, embeddings, overrides and isolates; line and paragraph separators.
    case 0x61C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}
