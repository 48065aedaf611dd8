extension GlyphSet {
  /// The glyph drawn for `glyph` with this table.
  package func drawn(_ glyph: Unicode.Scalar) -> Unicode.Scalar {
    if glyph.isASCII { return glyph }
    switch fallback {
    case .none: return glyph
    case .all: return GlyphSet.asciiFallback(for: glyph)
    case .symbols:
      if GlyphSet.consoleSigns.contains(glyph) { return glyph }
      if let light = GlyphSet.lightLines[glyph] { return light }
      if (0x2580...0x259F).contains(glyph.value) { return "█" }
      // Letters depend on the font.
      if glyph.properties.isAlphabetic { return glyph }
      let fallback = GlyphSet.asciiFallback(for: glyph)
      return fallback == "?" ? glyph : fallback
    }
  }

  /// The characters common to Debian's fonts for the Linux console (Uni1, Uni2, Lat15; Fixed, VGA, Terminus) and to
  /// code page 437, the console's initial font.
  package static let consoleSigns = Set("─│┌┐└┘├┤┬┴┼█▒░▲▼■←↑→↓·•«»÷±²µ°≈≤≥".unicodeScalars)

  private static let lightLines: [Unicode.Scalar: Unicode.Scalar] = [
    "━": "─", "┄": "─", "┅": "─", "╌": "-", "╍": "-", "═": "─", "╴": "─", "╶": "─", "╸": "─", "╺": "─", "╼": "─",
    "╾": "─", "┃": "│", "║": "│", "╵": "│", "╷": "│", "╹": "│", "╻": "│", "╽": "│", "╿": "│", "╭": "┌", "╮": "┐",
    "╰": "└", "╯": "┘", "┏": "┌", "┓": "┐", "┗": "└", "┛": "┘", "┣": "├", "┫": "┤", "┳": "┬", "┻": "┴", "╋": "┼",
    "┈": ".", "┉": ".", "┊": ":", "┋": ":", "┆": ":", "┇": ":", "╎": ":", "╏": ":",
  ]

  /// An ASCII glyph similar to `glyph`, for terminals that can only show ASCII.
  ///
  /// Widgets that draw with `GlyphSet.ascii` need it only for external text, with characters such as `–`, `→` or `“`.
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
    "∞": "8", "µ": "u", "Δ": "d", "θ": "t", "ä": "a", "ö": "o", "ü": "u", "ß": "s", "é": "e", "è": "e", "\u{A0}": " ",
    "\u{FFFD}": "?",
  ]
}
