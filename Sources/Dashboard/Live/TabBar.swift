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
    let form = form(in: row)
    for tab in tabs {
      let isShown = tab.action == shown
      let start = x
      if x >= row.maxX { break }
      x += painter.text(key(of: tab), x: x, y: row.y, isShown ? .accent : .faint, isShown ? .bold : [])
      x += painter.text(
        isShown ? tab.title : String(tab.title.prefix(form.letters)), x: x, y: row.y, isShown ? .strong : .faint,
        isShown ? [.bold, .underline] : [])
      painter.hits.add(Rect(x: start, y: row.y, width: x - start, height: 1), .action(Invocation(tab.action)))
      x += isShown || form.letters > 0 ? form.gap : 0
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

  // How many letters of the titles of hidden screens are shown, and the space between tabs: as much as leaves room for a note,
  // otherwise as fits.
  private func form(in row: Rect) -> (letters: Int, gap: Int) {
    let forms = [(letters: 99, gap: 2), (99, 1), (4, 1), (3, 1), (2, 1), (0, 1)]
    func end(_ form: (letters: Int, gap: Int)) -> Int {
      tabs.reduce(row.x + 1) { end, tab in
        let isShown = tab.action == shown
        let title = isShown ? tab.title : String(tab.title.prefix(form.letters))
        return end + displayWidth(key(of: tab) + title) + (isShown || form.letters > 0 ? form.gap : 0)
      }
    }
    let shortest = notes.map { displayWidth($0) }.min() ?? 0
    return forms.first { end($0) + 3 + shortest <= row.maxX } ?? forms.first { end($0) <= row.maxX + 1 } ?? (0, 1)
  }

  private func key(of tab: ViewTab) -> String { " \(keyMap.keys(for: tab.action).first?.label ?? "·") " }
}
