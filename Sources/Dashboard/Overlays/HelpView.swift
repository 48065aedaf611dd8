import TerminalUI

/// Draws the help: what is searched for, and the actions that have it.
struct HelpView {
  let state: HelpState
  let keyMap: KeyMap
  /// Whether an action does something now; keys of the others are dimmed.
  let isUseful: (Action) -> Bool

  private static let keyWidth = 10
  private static let usageWidth = 35

  func draw(on painter: inout Painter) {
    let bounds = painter.frame.bounds
    let area = OverlayBox.draw(
      title: "help", note: "type to search, esc leaves", width: min(132, bounds.width - 2),
      height: min(46, bounds.height - 2), on: &painter)
    guard !area.isEmpty else { return }
    let prompt = painter.text("search ", x: area.x, y: area.y, .faint, maxWidth: area.width)
    var search = state.search
    search.placeholder = "pause, zoom, :theme ..."
    search.render(
      into: &painter.frame, area: area.row(0).inset(left: prompt), theme: painter.theme, glyphs: painter.glyphs)
    let list = area.inset(top: 2)
    let lines = lines(width: list.width - 2)
    painter.listHeight = max(1, list.height)
    painter.listCount = lines.count
    let first = state.position.firstRow(count: lines.count, height: list.height)
    for (row, line) in lines.dropFirst(first).prefix(list.height).enumerated() {
      draw(line, in: list.row(row).inset(right: 2), on: &painter)
    }
    if lines.isEmpty { painter.text("nothing has these words", x: list.x, y: list.y, .faint, maxWidth: list.width) }
    painter.frame.scrollBar(
      x: list.maxX - 1, y: list.y, height: list.height, offset: first, visible: list.height, count: lines.count,
      theme: painter.theme, glyphs: painter.glyphs)
    painter.hits.add(area, .row(0))
  }

  // A line of the list: a heading, or an action's first line or one that goes on with it.
  private struct Line {
    var heading: String?
    var keys = ""
    var usage = ""
    var help = ""
    var isUseful = true
  }

  // Where there is no room for both, what an action does goes before how it is typed.
  private func usageWidth(_ width: Int) -> Int { width >= 96 ? Self.usageWidth : 0 }

  private func lines(width: Int) -> [Line] {
    state.rows(keyMap: keyMap).flatMap { row -> [Line] in
      switch row {
      case .heading(let group): return [Line(heading: group.rawValue)]
      case .action(let definition):
        let keys = keyMap.keys(for: definition.action).map(\.label).joined(separator: " ")
        let room = max(1, width - 2 - Self.keyWidth - usageWidth(width))
        var lines = TextWrap.lines(definition.help, width: room).map { Line(help: $0) }
        (lines[0].keys, lines[0].usage, lines[0].isUseful) = (keys, definition.usage, isUseful(definition.action))
        return lines
      }
    }
  }

  private func draw(_ line: Line, in area: Rect, on painter: inout Painter) {
    if let heading = line.heading {
      painter.text(heading, x: area.x, y: area.y, .strong, .bold, maxWidth: area.width)
      return
    }
    painter.text(line.keys, x: area.x + 2, y: area.y, line.isUseful ? .accent : .faint, maxWidth: Self.keyWidth)
    let x = area.x + 2 + Self.keyWidth
    let usageWidth = usageWidth(area.width)
    if usageWidth > 0 {
      painter.text(line.usage, x: x, y: area.y, line.isUseful ? .text : .faint, maxWidth: usageWidth - 1)
    }
    painter.text(line.help, x: x + usageWidth, y: area.y, .faint, maxWidth: area.maxX - x - usageWidth)
  }
}
