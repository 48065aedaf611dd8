import Datasets
import Foundation

/// Tells on standard error how far a download is: one line that is rewritten where somebody sees it, else a line now and
/// then.
final class ProgressLine {
  private let isTerminal = StandardStream.error.isTerminal && ProgressLine.variable("TERM") != "dumb"
  private let isColored = ProgressLine.variable("NO_COLOR") == nil
  // As the C library decides, without setting a locale.
  private let isUnicode = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap(ProgressLine.variable).first.map { name in
    let name = name.lowercased()
    return name.hasSuffix("utf-8") || name.hasSuffix("utf8")
  }
  private var hasLine = false
  private var last: (seconds: Double, name: String)?

  /// Writes a line of its own.
  func note(_ text: String) {
    clear()
    say(text.printable + "\n")
  }

  /// Rewrites the line ten times a second, or writes one every ten seconds.
  func show(_ progress: DownloadProgress) {
    let now = ProcessInfo.processInfo.systemUptime
    let isFirst = last?.name != progress.name
    let pause = isTerminal ? 0.1 : 10
    if let last, !isFirst, now - last.seconds < pause, progress.share != 1 { return }
    last = (now, progress.name)
    if isTerminal {
      hasLine = true
      // The terminal writes ^C behind the line: it must not wrap for that.
      say("\r\u{1B}[K" + progress.line(columns: Self.columns - 2, bar: bar))
    } else if !isFirst, progress.share != 1 {
      // The first plain line comes when there is something to tell.
      say("\(progress.name)  \(progress.figures)\n".printable)
    }
  }

  /// Takes the line away.
  func clear() {
    guard hasLine else { return }
    hasLine = false
    say("\r\u{1B}[K")
  }

  private func bar(_ share: Double, _ columns: Int) -> String {
    let full = Int((share * Double(columns)).rounded(.down))
    let glyphs = isUnicode == true ? (full: "━", empty: "─") : (full: "#", empty: "-")
    let bar = String(repeating: glyphs.full, count: full)
    let rest = String(repeating: glyphs.empty, count: columns - full)
    return isColored ? "\u{1B}[32m\(bar)\u{1B}[2m\(rest)\u{1B}[0m" : bar + rest
  }

  /// How wide the terminal is now; it may be resized while the file comes.
  private static var columns: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  private static func variable(_ name: String) -> String? {
    ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
  }

  // What standard error does not take is lost: the data are worth more.
  private func say(_ text: String) { try? StandardStream.error.write(text) }
}
