import CNcurses
import Foundation
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

  /// Returns `glyphs`, or the finest ones that the terminal can show if it cannot show these.
  package func suited(_ glyphs: GlyphSet) -> GlyphSet {
    let finest = self.glyphs
    let order = GlyphSet.all.map(\.name)
    guard let first = order.firstIndex(of: finest.name), let place = order.firstIndex(of: glyphs.name) else {
      return finest
    }
    return place < first ? finest : glyphs
  }

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

/// How the terminal is used.
package struct TerminalOptions: Sendable {
  /// Whether the mouse is reported. Without it the terminal selects text as usual.
  package var usesMouse = true
  /// Whether colours are used; nil asks `NO_COLOR`.
  package var usesColor: Bool?
  /// Whether colours are sent exactly where `COLORTERM` says that the terminal shows them, though terminfo does not.
  package var usesDirectColor = true
  /// Whether the terminal is asked if it draws images.
  package var usesImages = true
  /// Whether what is written to standard error is kept until the screen is given back.
  package var keepsErrors = true

  /// The usual options.
  package init() {}

  /// The options that suit an environment.
  package init(environment: [String: String]) {
    // GNU screen holds a lone Escape back until the next key comes, as long as a program takes the mouse.
    usesMouse = (environment["STY"] ?? "").isEmpty
  }
}

/// Sets the locale whose characters ncurses writes.
enum TerminalLocale {
  /// Takes the character set of the environment's locale, or UTF-8 where the environment names none.
  ///
  /// Only characters: numbers keep their points.
  /// - Returns: whether characters are UTF-8.
  static func establish() -> Bool {
    _ = setlocale(LC_CTYPE, "")
    if signflip_is_utf8() != 0 { return true }
    // A locale that names another character set says what the terminal shows. One that names none, or UTF-8 without
    // being installed here (as ssh hands it on), does not stand in the way.
    let environment = ProcessInfo.processInfo.environment
    let named = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { environment[$0] }.first { !$0.isEmpty } ?? "C"
    let codeset = named.split(separator: "@").first?.split(separator: ".").dropFirst().first?.lowercased() ?? ""
    guard codeset.isEmpty || codeset.hasPrefix("utf") else { return false }
    for candidate in ["C.UTF-8", "C.utf8", "en_US.UTF-8"] {
      if setlocale(LC_CTYPE, candidate) != nil, signflip_is_utf8() != 0 { return true }
    }
    return false
  }
}

/// Why the terminal could not be taken over.
package struct TerminalError: Error, Sendable, CustomStringConvertible {
  /// The kind of failure.
  package enum Code: Hashable, Sendable {
    /// Standard input or output is no terminal.
    case notATerminal
    /// `TERM` is not set, or names a terminal that the system does not know.
    case unknownTerminal
    /// The terminal cannot move its cursor.
    case noCursorAddressing
    /// ncurses refused, or the system did.
    case failed
  }

  /// The kind of failure.
  package var code: Code
  /// What was expected, what was found, and what helps.
  package var message: String
  /// The failure behind this one.
  package var cause: (any Error)?

  /// A failure of this kind.
  package init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }

  package var description: String { message }
}
