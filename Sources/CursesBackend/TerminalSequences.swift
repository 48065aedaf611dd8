import CNcurses

/// Sequences that are sent to the terminal without ncurses.
package enum TerminalSequences {
  /// Pasted text is enclosed in markers.
  static let pasteOn = "\u{1B}[?2004h"
  static let pasteOff = "\u{1B}[?2004l"
  /// Presses, releases, drags and the wheel, at any column.
  static let mouseOn = "\u{1B}[?1000h\u{1B}[?1002h\u{1B}[?1006h"
  static let mouseOff = "\u{1B}[?1006l\u{1B}[?1002l\u{1B}[?1000l"
  /// The enclosed output is shown at once (synchronized update).
  static let updateBegins = "\u{1B}[?2026h"
  static let updateEnds = "\u{1B}[?2026l"
  /// Requests a status report (DSR): the terminal answers `ESC [ 0 n` when it has processed everything before.
  static let statusReport = "\u{1B}[5n"

  /// The bytes that restore the screen, from any state.
  static func restore(hasModes: Bool) -> String {
    // Sequences that the terminal does not know would appear as text on one that is no relative of the VT220.
    var result = hasModes ? updateEnds + mouseOff + pasteOff : ""
    for name in ["sgr0", "op", "cnorm", "rmkx", "rmcup"] {
      if let value = signflip_capability(name) { result += withoutPadding(String(cString: value)) }
    }
    return result
  }

  /// Terminfo strings may contain `$<5>`, delays for slow terminals.
  package static func withoutPadding(_ sequence: String) -> String {
    var result = ""
    var rest = Substring(sequence)
    while let start = rest.firstIndex(of: "$"), rest[rest.index(after: start)...].first == "<",
      let end = rest[start...].firstIndex(of: ">")
    {
      result += rest[..<start]
      rest = rest[rest.index(after: end)...]
    }
    return result + rest
  }
}
