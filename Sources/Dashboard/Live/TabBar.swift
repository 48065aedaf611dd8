import TerminalUI

/// The second row: the screens with their keys, what the run is called and takes on the disk, and why this data set.
struct TabBar {
  let tabs: [ViewTab]
  /// The action of the screen that is shown.
  let shown: Action
  let keyMap: KeyMap
  /// What can stand at the right, the best first; the first that fits is drawn, and of the last what fits.
  let notes: [[StyledText]]

  func draw(in row: Rect, on painter: inout Painter) {
    guard !row.isEmpty else { return }
    var x = row.x + 1
    // Where the titles do not all fit, only that of the shown one stands beside its key.
    let titles = tabs.map { key(of: $0) + $0.title }
    let isShort = titles.reduce(x) { $0 + displayWidth($1) + 2 } > row.maxX + 2
    for tab in tabs {
      let isShown = tab.action == shown
      let start = x
      if x >= row.maxX { break }
      x += painter.text(key(of: tab), x: x, y: row.y, isShown ? .accent : .faint, isShown ? .bold : [])
      if isShown || !isShort {
        x += painter.text(
          tab.title, x: x, y: row.y, isShown ? .strong : .faint, isShown ? [.bold, .underline] : [])
      }
      painter.hits.add(Rect(x: start, y: row.y, width: x - start, height: 1), .action(Invocation(tab.action)))
      x += isShort && !isShown ? 0 : 2
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

  private func key(of tab: ViewTab) -> String { " \(keyMap.keys(for: tab.action).first?.label ?? "·") " }
}
