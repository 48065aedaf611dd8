extension GlyphSet {
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
    "…": "~", "·": "|", "•": "o", "●": "o", "○": "o", "◆": "*", "■": "#", "□": "#", "–": "-", "—": "-", "−": "-",
    "→": ">", "←": "<", "↑": "^", "↓": "v", "▲": "^", "▼": "v", "▶": ">", "►": ">", "◀": "<", "▸": ">", "◂": "<",
    "▾": "v", "▴": "^", "‹": "<", "›": ">", "«": "<", "⑂": "<", "»": ">", "×": "x", "÷": "/", "✓": "+", "✗": "x",
    "√": "+",
    "“": "\"", "”": "\"", "‘": "'", "’": "'", "⏸": "=", "‖": "=", "⏹": "#", "±": "+", "≈": "~", "≤": "<", "≥": ">",
    "∞": "8", "µ": "u", "Δ": "d", "ä": "a", "ö": "o", "ü": "u", "ß": "s", "é": "e", "è": "e", "\u{A0}": " ",
    "\u{FFFD}": "?",
  ]
}
