import Datasets
import Foundation
import TerminalUI
import TrainingMetrics

/// Tells on standard error how far a download is: one line that is rewritten where somebody sees it, else a line now and
/// then. What standard error does not take is lost: the data are worth more.
final class ProgressLine {
  private let isColored = RewrittenLine.variable("NO_COLOR") == nil
  // As the C library decides, without setting a locale.
  private let isUnicode = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap(RewrittenLine.variable).first.map { name in
    let name = name.lowercased()
    return name.hasSuffix("utf-8") || name.hasSuffix("utf8")
  }
  private var line = RewrittenLine()
  private var last: (seconds: Double, name: String)?

  /// Writes a line of its own.
  func note(_ text: String) { try? line.note(text) }

  /// Rewrites the line ten times a second, or writes one every ten seconds.
  func show(_ progress: DownloadProgress) {
    let now = ProcessInfo.processInfo.systemUptime
    let isFirst = last?.name != progress.name
    let pause = line.isShown ? 0.1 : 10
    if let last, !isFirst, now - last.seconds < pause, progress.share != 1 { return }
    last = (now, progress.name)
    if line.isShown {
      try? line.show(progress.line(columns: line.columns, bar: bar))
    } else if !isFirst, progress.share != 1 {
      // The first plain line comes when there is something to tell.
      note("\(progress.name)  \(progress.figures)")
    }
  }

  /// Takes the line away.
  func clear() { try? line.clear() }

  private func bar(_ share: Double, _ columns: Int) -> String {
    let full = Int((share * Double(columns)).rounded(.down))
    let glyphs = isUnicode == true ? (full: "━", empty: "─") : (full: "#", empty: "-")
    let bar = String(repeating: glyphs.full, count: full)
    let rest = String(repeating: glyphs.empty, count: columns - full)
    return isColored ? "\u{1B}[32m\(bar)\u{1B}[2m\(rest)\u{1B}[0m" : bar + rest
  }
}

/// The last line of standard error, written anew in place where it is a terminal that can do that.
struct RewrittenLine {
  /// Whether somebody sees the line.
  let isShown = StandardStream.error.isTerminal && RewrittenLine.variable("TERM") != "dumb"
  private var hasLine = false

  /// How wide the line may be now: the terminal may be resized, writes ^C behind the line, and must not wrap for that.
  var columns: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 78 }
    return max(1, Int(size.ws_col) - 2)
  }

  /// Writes `text`, which fits, in the place of what stood there.
  mutating func show(_ text: String) throws(StreamError) {
    guard isShown else { return }
    hasLine = true
    try StandardStream.error.write("\r\u{1B}[K" + text)
  }

  /// Takes the line away and writes `text` as a line of its own.
  mutating func note(_ text: String) throws(StreamError) {
    try clear()
    try StandardStream.error.write(text.printableLine + "\n")
  }

  /// Takes the line away.
  mutating func clear() throws(StreamError) {
    guard hasLine else { return }
    hasLine = false
    try StandardStream.error.write("\r\u{1B}[K")
  }

  /// The first of `forms` that fits; where none does, as much of the last as fits.
  func fitted(_ forms: [String]) -> String {
    let forms = forms.map(\.printableLine)
    let columns = columns
    if let form = forms.first(where: { displayWidth($0) <= columns }) { return form }
    return truncated(forms.last ?? "", width: columns)
  }

  /// A variable of the environment; nil where it is empty too.
  static func variable(_ name: String) -> String? {
    ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
  }
}
