import TerminalUI

/// The last row: an entry, a message, or hints.
package struct Footer {
  /// A hint: keys, their effect, and the action for the mouse.
  package struct Hint: Hashable, Sendable {
    package var keys: String
    package var title: String
    package var invocation: Invocation?

    /// A hint; without an action it cannot be clicked.
    package init(keys: String, title: String, invocation: Invocation? = nil) {
      (self.keys, self.title, self.invocation) = (keys, title, invocation)
    }
  }

  let hints: [Hint]
  /// The number of hints at the right end that are always shown: help and quit.
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

/// Collects hints of actions with their keys.
package struct HintList {
  /// The hints, most important first.
  package private(set) var hints: [Footer.Hint] = []
  let keyMap: KeyMap
  /// Returns whether an action currently has an effect; others are left out.
  package let isUseful: (Action) -> Bool

  package init(keyMap: KeyMap, isUseful: @escaping (Action) -> Bool) {
    self.keyMap = keyMap
    self.isUseful = isUseful
  }

  /// Adds an action, with its own title or another one.
  package mutating func add(_ action: Action, _ title: String? = nil) {
    guard isUseful(action), let key = keyMap.keys(for: action).first else { return }
    let title = title ?? ActionTable.definition(of: action).title
    hints.append(.init(keys: key.label, title: title, invocation: Invocation(action)))
  }

  /// Adds two related actions with one title; a click performs the second.
  package mutating func add(_ first: Action, _ second: Action, _ title: String) {
    guard isUseful(first), isUseful(second) else { return }
    let keys = [first, second].compactMap { keyMap.keys(for: $0).first?.label }
    guard !keys.isEmpty else { return }
    // Signs stand together, names apart.
    let separator = keys.contains { $0.count > 1 } ? " " : ""
    hints.append(.init(keys: keys.joined(separator: separator), title: title, invocation: Invocation(second)))
  }
}

extension LogEntry.Weight {
  /// The role of its colour.
  var role: ThemeRole {
    switch self {
    case .plain: .text
    case .faint: .faint
    case .note: .strong
    case .change: .accent
    case .good: .good
    case .warning: .warning
    case .bad: .bad
    }
  }
}
