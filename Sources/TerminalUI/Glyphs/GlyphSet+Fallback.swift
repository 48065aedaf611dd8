extension GlyphSet {
  /// The glyph that is drawn in the place of `glyph` with this table.
  package func drawn(_ glyph: Unicode.Scalar) -> Unicode.Scalar {
    if glyph.isASCII { return glyph }
    switch fallback {
    case .none: return glyph
    case .all: return GlyphSet.asciiFallback(for: glyph)
    case .symbols:
      if GlyphSet.consoleSigns.contains(glyph) { return glyph }
      if let light = GlyphSet.lightLines[glyph] { return light }
      if (0x2580...0x259F).contains(glyph.value) { return "█" }
      // A letter is the font's own matter.
      if glyph.properties.isAlphabetic { return glyph }
      let fallback = GlyphSet.asciiFallback(for: glyph)
      return fallback == "?" ? glyph : fallback
    }
  }

  /// What the fonts for the Linux console that Debian has (Uni1, Uni2, Lat15; Fixed, VGA, Terminus) share with code page
  /// 437, which the console begins with.
  package static let consoleSigns = Set("─│┌┐└┘├┤┬┴┼█▒░▲▼■←↑→↓·•«»÷±²µ°≈≤≥".unicodeScalars)

  private static let lightLines: [Unicode.Scalar: Unicode.Scalar] = [
    "━": "─", "┄": "─", "┅": "─", "╌": "-", "╍": "-", "═": "─", "╴": "─", "╶": "─", "╸": "─", "╺": "─", "╼": "─",
    "╾": "─", "┃": "│", "║": "│", "╵": "│", "╷": "│", "╹": "│", "╻": "│", "╽": "│", "╿": "│", "╭": "┌", "╮": "┐",
    "╰": "└", "╯": "┘", "┏": "┌", "┓": "┐", "┗": "└", "┛": "┘", "┣": "├", "┫": "┤", "┳": "┬", "┻": "┴", "╋": "┼",
    "┈": ".", "┉": ".", "┊": ":", "┋": ":", "┆": ":", "┇": ":", "╎": ":", "╏": ":",
  ]

  /// An ASCII glyph that looks like `glyph`: what a terminal that can only show ASCII gets instead.
  ///
  /// Widgets that draw with `GlyphSet.ascii` need it only for text from elsewhere, such as `–`, `→` or `“`.
  package static func asciiFallback(for glyph: Unicode.Scalar) -> Unicode.Scalar {
    if glyph.isASCII { return glyph }
    switch glyph.value {
    case 0x2800: return " "
    case 0x2801...0x28FF: return ":"
    case 0x2591...0x2593: return "."
    case 0x2580...0x259F: return "#"
    case 0x2500...0x257F: return boxFallback(glyph)
    default: return textFallback[glyph] ?? "?"
    }
  }

  private static func boxFallback(_ glyph: Unicode.Scalar) -> Unicode.Scalar {
    if "─━┄┅┈┉╌╍═╴╶╸╺╼╾".unicodeScalars.contains(glyph) { return "-" }
    if "│┃┆┇┊┋╎╏║╵╷╹╻╽╿".unicodeScalars.contains(glyph) { return "|" }
    return "+"
  }

  private static let textFallback: [Unicode.Scalar: Unicode.Scalar] = [
    "…": "~", "·": "|", "•": "o", "●": "o", "○": "o", "◆": "*", "♦": "*", "■": "#", "□": "#", "–": "-", "—": "-",
    "−": "-",
    "→": ">", "←": "<", "↑": "^", "↓": "v", "▲": "^", "▼": "v", "▶": ">", "►": ">", "◀": "<", "▸": ">", "◂": "<",
    "▾": "v", "▴": "^", "‹": "<", "›": ">", "«": "<", "↳": "<", "»": ">", "×": "x", "÷": "/", "✓": "+", "✗": "x",
    "√": "+",
    "“": "\"", "”": "\"", "‘": "'", "’": "'", "‖": "=", "⇧": "S", "²": "2", "±": "+", "≈": "~", "≤": "<", "≥": ">",
    "∞": "8", "µ": "u", "Δ": "d", "ä": "a", "ö": "o", "ü": "u", "ß": "s", "é": "e", "è": "e", "\u{A0}": " ",
    "\u{FFFD}": "?",
  ]
}
