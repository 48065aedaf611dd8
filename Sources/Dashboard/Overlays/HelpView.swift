import TerminalUI

/// Draws the help: what is searched for, and the actions that have it.
struct HelpView {
  let state: HelpState
  let keyMap: KeyMap

  func draw(on painter: inout Painter) {
    let bounds = painter.frame.bounds
    let area = OverlayBox.draw(
      title: "help", note: "type to search, esc leaves", width: min(104, bounds.width - 2),
      height: min(46, bounds.height - 2), on: &painter)
    guard !area.isEmpty else { return }
    let prompt = painter.text("search ", x: area.x, y: area.y, .faint, maxWidth: area.width)
    var search = state.search
    search.placeholder = "pause, zoom, :theme ..."
    search.render(
      into: &painter.frame, area: area.row(0).inset(left: prompt), theme: painter.theme, glyphs: painter.glyphs)
    let list = area.inset(top: 2)
    let rows = state.rows(keyMap: keyMap)
    painter.listHeight = max(1, list.height)
    let first = state.position.firstRow(count: rows.count, height: list.height)
    for (line, row) in rows.dropFirst(first).prefix(list.height).enumerated() {
      draw(row, in: list.row(line).inset(right: 2), on: &painter)
    }
    if rows.isEmpty { painter.text("nothing has these words", x: list.x, y: list.y, .faint, maxWidth: list.width) }
    painter.frame.scrollBar(
      x: list.maxX - 1, y: list.y, height: list.height, offset: first, visible: list.height, count: rows.count,
      theme: painter.theme, glyphs: painter.glyphs)
    painter.hits.add(area, .row(0))
  }

  private func draw(_ row: HelpState.Row, in area: Rect, on painter: inout Painter) {
    switch row {
    case .heading(let group): painter.text(group.rawValue, x: area.x, y: area.y, .strong, .bold, maxWidth: area.width)
    case .action(let definition):
      let keys = keyMap.keys(for: definition.action).map(\.label).joined(separator: " ")
      let keyWidth = 10
      painter.text(keys, x: area.x + 2, y: area.y, .accent, maxWidth: keyWidth)
      let x = area.x + 2 + keyWidth
      // Where there is no room for both, what it does goes before how it is typed.
      let usageWidth = area.width >= 72 ? 24 : 0
      if usageWidth > 0 { painter.text(definition.usage, x: x, y: area.y, .text, maxWidth: usageWidth - 1) }
      painter.text(
        definition.help, x: x + usageWidth, y: area.y, .faint, maxWidth: area.maxX - x - usageWidth)
    }
  }
}
