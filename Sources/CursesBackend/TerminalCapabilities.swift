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
  /// Whether a text can be sent to the clipboard with OSC 52. Consoles have none, and GNU screen passes nothing on.
  package var hasClipboard: Bool

  /// What a terminal of this name can show.
  package init(
    colorCount: Int, isMonochrome: Bool, isUTF8: Bool, hasMouse: Bool, terminalName: String, hasClipboard: Bool
  ) {
    self.colorCount = colorCount
    self.isMonochrome = isMonochrome
    self.isUTF8 = isUTF8
    self.hasMouse = hasMouse
    self.terminalName = terminalName
    self.hasClipboard = hasClipboard
  }

  /// The finest glyphs that the terminal can surely show.
  package var glyphs: GlyphSet { !isUTF8 ? .ascii : isConsole ? .console : .braille }

  /// Whether the terminal draws with a font of 256 or 512 glyphs: a console, or a terminal made of hardware; GNU screen
  /// names such a one behind its own name (`screen.linux`).
  package var isConsole: Bool {
    let name = terminalName.split(separator: ".").last.map(String.init) ?? ""
    let families = ["linux", "cons25", "wsvt25", "pcansi", "ansi", "vt1", "vt2", "vt3", "vt4", "vt5"]
    return families.contains { name.hasPrefix($0) }
  }

  /// `theme`, or the one that suits a terminal without colours, or with too few for it.
  package func suited(_ theme: Theme) -> Theme {
    if isMonochrome || colorCount < 8 { return .monochrome }
    if colorCount < 256 { return .terminal }
    var theme = theme
    theme.showsTones = colorCount > 256
    return theme
  }
}
