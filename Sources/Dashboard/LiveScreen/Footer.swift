import TerminalUI

/// The last row: an entry, a message, or what the keys do here.
struct Footer {
  /// A hint: keys, what they do, and the action for the mouse.
  struct Hint {
    var keys: String
    var title: String
    var invocation: Invocation?
  }

  let hints: [Hint]
  /// How many of the last hints stand at the right end and are kept: help and quit.
  let fixedCount: Int
  let toast: Toast?

  func draw(in row: Rect, on painter: inout Painter) {
    guard !row.isEmpty else { return }
    painter.fill(row, .bar)
    painter.on(.bar) { painter in
      if let toast {
        let text = painter.piece(" " + toast.text, toast.weight.role, .bold)
        painter.frame.text([text], x: row.x, y: row.y, maxWidth: row.width - 1)
      } else {
        drawHints(in: row, on: &painter)
      }
    }
  }

  private func drawHints(in row: Rect, on painter: inout Painter) {
    let fixed = hints.suffix(fixedCount)
    var right = row.maxX - 1
    for hint in fixed.reversed() {
      let width = width(hint)
      guard right - width > row.x else { break }
      right -= width
      draw(hint, x: right, y: row.y, on: &painter)
      right -= 2
    }
    var x = row.x + 1
    for hint in hints.dropLast(fixedCount) {
      let width = width(hint)
      if x + width > right { break }
      draw(hint, x: x, y: row.y, on: &painter)
      x += width + 2
    }
  }

  private func width(_ hint: Hint) -> Int { displayWidth(hint.keys) + 1 + displayWidth(hint.title) }

  private func draw(_ hint: Hint, x: Int, y: Int, on painter: inout Painter) {
    let used = painter.text(hint.keys, x: x, y: y, .accent)
    let end = x + used + 1 + painter.text(hint.title, x: x + used + 1, y: y, .faint)
    if let invocation = hint.invocation {
      painter.hits.add(Rect(x: x, y: y, width: end - x, height: 1), .action(invocation))
    }
  }
}

extension LogEntry.Weight {
  /// The colour's role.
  var role: ThemeRole {
    switch self {
    case .plain: .text
    case .change: .accent
    case .good: .good
    case .warning: .warning
    case .bad: .bad
    }
  }
}
