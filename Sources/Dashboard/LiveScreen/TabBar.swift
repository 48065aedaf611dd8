import TerminalUI

/// The second row: the screens by number, and why this data set.
struct TabBar {
  let screen: Screen
  /// Why this data set, or what is wrong.
  let note: StyledText?

  func draw(in row: Rect, on painter: inout Painter) {
    guard !row.isEmpty else { return }
    var x = row.x + 1
    for tab in Screen.allCases {
      let isShown = tab == screen
      let definition = ActionTable.definition(of: tab.action)
      let start = x
      if x >= row.maxX { break }
      x += painter.text(" \(tab.rawValue) ", x: x, y: row.y, isShown ? .accent : .faint, isShown ? .bold : [])
      x += painter.text(
        definition.title, x: x, y: row.y, isShown ? .strong : .faint, isShown ? [.bold, .underline] : [])
      painter.hits.add(Rect(x: start, y: row.y, width: x - start, height: 1), .action(Invocation(tab.action)))
      x += 2
    }
    guard let note, row.maxX - x > 14 else { return }
    // The reason stands at the end: of a long path the beginning goes.
    var text = note.text
    if displayWidth(text) > row.maxX - x - 3 {
      while displayWidth(text) > row.maxX - x - 4 { text.removeFirst() }
      text = "…" + text
    }
    painter.frame.text(text, x: row.maxX - 1 - displayWidth(text), y: row.y, style: note.style)
  }
}
