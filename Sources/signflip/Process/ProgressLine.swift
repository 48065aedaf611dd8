import Datasets
import Foundation
import TerminalUI
import TrainingMetrics

/// Shows the completed fraction of some work on standard error, if it is a terminal.
final class ShareLine {
  private let bar = ProgressBar()
  private var line = RewrittenLine()
  private var last = -1

  /// Rewrites the line if the fraction has changed by at least 1 %.
  func show(_ words: String, _ share: Double) {
    let percent = Int(100 * share)
    guard percent != last else { return }
    last = percent
    let columns = min(40, line.columns - words.count - 7)
    try? line.show(columns < 4 ? "\(words) \(percent) %" : "\(words) \(bar.text(share, columns)) \(percent) %")
  }

  /// Writes a separate line.
  func note(_ text: String) { try? line.note(text) }

  /// Removes the line.
  func clear() { try? line.clear() }
}

/// Shows the progress of a download on standard error: one line that is rewritten on a terminal, otherwise a line
/// every ten seconds. Errors are ignored, because the data is more important.
final class ProgressLine {
  private let bar = ProgressBar()
  private var line = RewrittenLine()
  private var last: (seconds: Double, name: String)?

  /// Writes a separate line.
  func note(_ text: String) { try? line.note(text) }

  /// Rewrites the line ten times a second, or writes a line every ten seconds.
  func show(_ progress: DownloadProgress) {
    let now = ProcessInfo.processInfo.systemUptime
    let isFirst = last?.name != progress.name
    let pause = line.isShown ? 0.1 : 10
    if let last, !isFirst, now - last.seconds < pause, progress.share != 1 { return }
    last = (now, progress.name)
    if line.isShown {
      try? line.show(progress.line(columns: line.columns, bar: bar.text))
    } else if !isFirst, progress.share != 1 {
      // The first plain line is written when there is some progress.
      note("\(progress.name)  \(progress.figures)")
    }
  }

  /// Removes the line.
  func clear() { try? line.clear() }
}

/// A progress bar, with colours and characters that the environment allows.
private struct ProgressBar {
  private let isColored = RewrittenLine.variable("NO_COLOR") == nil
  // The rule of the C library, without setting a locale.
  private let isUnicode = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap(RewrittenLine.variable).first.map { name in
    let name = name.lowercased()
    return name.hasSuffix("utf-8") || name.hasSuffix("utf8")
  }

  /// Returns the bar of a fraction, 0...1, in `columns` columns.
  func text(_ share: Double, _ columns: Int) -> String {
    let full = Int((share * Double(columns)).rounded(.down))
    let glyphs = isUnicode == true ? (full: "━", empty: "─") : (full: "#", empty: "-")
    let bar = String(repeating: glyphs.full, count: full)
    let rest = String(repeating: glyphs.empty, count: columns - full)
    return isColored ? "\u{1B}[32m\(bar)\u{1B}[2m\(rest)\u{1B}[0m" : bar + rest
  }
}

/// The last line of standard error, which is rewritten in place on a capable terminal.
struct RewrittenLine {
  /// Whether the line is visible.
  let isShown = StandardStream.error.isTerminal && RewrittenLine.variable("TERM") != "dumb"
  private var hasLine = false

  /// The current maximum width of the line. The terminal may be resized, writes ^C behind the line, and must not wrap
  /// it.
  var columns: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 78 }
    return max(1, Int(size.ws_col) - 2)
  }

  /// Replaces the line by `text`, which must fit.
  mutating func show(_ text: String) throws(StreamError) {
    guard isShown else { return }
    hasLine = true
    try StandardStream.error.write("\r\u{1B}[K" + text)
  }

  /// Removes the line, and writes `text` as a separate line.
  mutating func note(_ text: String) throws(StreamError) {
    try clear()
    try StandardStream.error.write(text.printableLine + "\n")
  }

  /// Removes the line.
  mutating func clear() throws(StreamError) {
    guard hasLine else { return }
    hasLine = false
    try StandardStream.error.write("\r\u{1B}[K")
  }

  /// Returns the first of `forms` that fits; otherwise the start of the last one.
  func fitted(_ forms: [String]) -> String {
    let forms = forms.map(\.printableLine)
    let columns = columns
    if let form = forms.first(where: { displayWidth($0) <= columns }) { return form }
    return truncated(forms.last ?? "", width: columns)
  }

  /// Returns an environment variable; nil if it is missing or empty.
  static func variable(_ name: String) -> String? {
    ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
  }
}
