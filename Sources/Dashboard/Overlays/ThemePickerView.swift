import TerminalUI

/// Draws the theme picker beside the screen it colours.
struct ThemePickerView {
  let state: ThemePickerState
  let theme: Theme

  func draw(on painter: inout Painter) {
    let bounds = painter.frame.bounds
    let width = min(44, bounds.width)
    let height = min(bounds.height - 2, state.names.count + 6)
    // At the right, so that most of the screen shows the theme.
    let area = Rect(x: bounds.maxX - width - (bounds.width >= 80 ? 2 : 0), y: 1, width: width, height: height)
    painter.fill(area, .background)
    painter.frame.border(
      area, title: [painter.piece("theme", .strong, .bold)], trailing: [painter.piece("enter keeps", .faint)],
      style: painter.style(.focus), glyphs: painter.glyphs)
    let inner = area.inset(left: 2, top: 1, right: 2, bottom: 1)
    guard !inner.isEmpty else { return }
    let list = inner.inset(bottom: inner.height >= 6 ? 3 : 0)
    painter.listHeight = max(1, list.height)
    let first = ListView.offset(
      state.selected - list.height / 2, selection: state.selected, height: list.height, count: state.names.count)
    for row in 0..<min(list.height, state.names.count - first) {
      let index = first + row
      let place = list.row(row)
      let isSelected = index == state.selected
      painter.hits.add(place, .row(index))
      if isSelected { painter.fill(place.inset(left: -1, right: -1), .selection) }
      painter.on(isSelected ? .selection : .background) { painter in
        painter.text(
          state.names[index], x: place.x, y: place.y, isSelected ? .strong : .text, isSelected ? .bold : [],
          maxWidth: place.width - 2)
      }
    }
    painter.frame.scrollBar(
      x: list.maxX - 1, y: list.y, height: list.height, offset: first, visible: list.height, count: state.names.count,
      theme: painter.theme, glyphs: painter.glyphs)
    if inner.height >= 6 { drawSample(in: inner.rows(inner.height - 2, 2), on: &painter) }
  }

  private func drawSample(in area: Rect, on painter: inout Painter) {
    if !state.mistake.isEmpty {
      for (row, line) in TextWrap.lines(state.mistake, width: area.width).prefix(area.height).enumerated() {
        painter.text(line, x: area.x, y: area.y + row, .bad, maxWidth: area.width)
      }
      return
    }
    var x = area.x
    for lane in 0..<6 {
      painter.frame.text("████", x: x, y: area.y, style: painter.style(lane: lane), maxWidth: area.maxX - x)
      x += 5
    }
    painter.line(
      [
        painter.piece("\(theme.variant.rawValue) ", .faint), painter.piece("good ", .good),
        painter.piece("warning ", .warning), painter.piece("bad ", .bad), painter.piece("key", .accent),
      ], in: area.row(1))
  }
}
