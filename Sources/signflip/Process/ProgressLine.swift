import Datasets
import Foundation

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
