import TerminalUI

/// The second row: the screens by number, what the run is called and takes on the disk, and why this data set.
struct TabBar {
  let screen: Screen
  /// What can stand at the right, the best first; the first that fits is drawn, and of the last what fits.
  let notes: [[StyledText]]

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
    let room = row.maxX - x - 3
    guard let last = notes.last, room > 11 else { return }
    var note = notes.first { displayWidth($0) <= room } ?? last
    // The reason stands at the end: of a long path the beginning goes.
    if displayWidth(note) > room, let piece = note.last {
      var text = piece.text
      while displayWidth(text) > room - 1 { text.removeFirst() }
      note = [StyledText("…" + text, piece.style)]
    }
    painter.frame.text(note, x: row.maxX - 1 - displayWidth(note), y: row.y, maxWidth: room)
  }
}
