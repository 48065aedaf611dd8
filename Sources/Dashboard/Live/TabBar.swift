import TerminalUI

/// The second row: tabs with their keys, the run's name and size on disk, and the reason for the data set.
struct TabBar {
  let tabs: [ViewTab]
  /// The action of the screen that is shown.
  let shown: Action
  let keyMap: KeyMap
  /// Notes for the right end, best first. The first one that fits is drawn, otherwise what fits of the last one.
  let notes: [[StyledText]]

  func draw(in row: Rect, on painter: inout Painter) {
    guard !row.isEmpty else { return }
    var x = row.x + 1
    // If the titles don't all fit, only the shown tab has its title beside the key.
    let titles = tabs.map { key(of: $0) + $0.title }
    func end(gap: Int) -> Int { titles.reduce(x) { $0 + displayWidth($1) + gap } }
    let isShort = end(gap: 1) > row.maxX + 1
    // Closer together if that leaves room for a note.
    let shortest = notes.map { displayWidth($0) }.min() ?? 0
    let gap = end(gap: 2) + 3 + shortest <= row.maxX ? 2 : 1
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
      x += isShort && !isShown ? 0 : gap
    }
    let room = row.maxX - x - 3
    guard let last = notes.last, room > 11 else { return }
    var note = notes.first { displayWidth($0) <= room } ?? last
    // The reason is at the end, so a long path is cut at its start.
    if displayWidth(note) > room, let piece = note.last {
      var text = piece.text
      while displayWidth(text) > room - 1 { text.removeFirst() }
      note = [StyledText("…" + text, piece.style)]
    }
    painter.frame.text(note, x: row.maxX - 1 - displayWidth(note), y: row.y, maxWidth: room)
  }

  private func key(of tab: ViewTab) -> String { " \(keyMap.keys(for: tab.action).first?.label ?? "·") " }
}
