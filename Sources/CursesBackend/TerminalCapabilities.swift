package import TerminalUI

/// What the terminal can show.
package struct TerminalCapabilities: Hashable, Sendable {
  /// How many colours it has: 0, 8, 16, 256, or 16,777,216 where any colour can be named.
  package var colorCount: Int
  /// Whether it is asked to show no colour, by `NO_COLOR` or by an option.
  package var isMonochrome: Bool
  /// Whether glyphs beyond ASCII can be shown.
  package var isUTF8: Bool
  /// Whether the mouse is reported.
  package var hasMouse: Bool
  /// What `TERM` says.
  package var terminalName: String

  /// The finest glyphs that the terminal can surely show.
  package var glyphs: GlyphSet { isUTF8 ? .braille : .ascii }

  /// `theme`, or the one that suits a terminal without colours, or with too few for it.
  package func suited(_ theme: Theme) -> Theme {
    if isMonochrome || colorCount < 8 { return .monochrome }
    if colorCount < 256 { return .terminal }
    var theme = theme
    theme.showsTones = colorCount > 256
    return theme
  }
}
