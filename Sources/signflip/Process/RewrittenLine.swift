import Foundation
import TerminalUI
import TrainingMetrics

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
