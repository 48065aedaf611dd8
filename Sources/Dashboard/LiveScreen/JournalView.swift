import TerminalUI

/// All that has happened: time, lane, step, what.
struct JournalView {
  let rows: [LogEntry]
  let filter: String
  let position: ListPosition
  /// The lanes' names in their order, for their colours.
  let lanes: [String]

  /// Draws the whole screen of the journal.
  func draw(in area: Rect, on painter: inout Painter) {
    let filterText = filter.isEmpty ? [] : [painter.piece("with “\(filter)”", .accent)]
    painter.frame.border(
      area, title: [painter.piece("journal", .strong), painter.piece("  \(rows.count) lines", .faint)],
      trailing: filterText, style: painter.style(.border), glyphs: painter.glyphs)
    let inner = area.inset(left: 2, top: 1, right: 1, bottom: 1)
    painter.listHeight = max(1, inner.height)
    guard inner.height > 0 else { return }
    let first = position.firstRow(count: rows.count, height: inner.height)
    drawRows(from: first, in: inner.inset(right: 2), on: &painter)
    painter.frame.scrollBar(
      x: inner.maxX - 1, y: inner.y, height: inner.height, offset: first, visible: inner.height, count: rows.count,
      theme: painter.theme, glyphs: painter.glyphs)
    if rows.isEmpty {
      let text = filter.isEmpty ? "nothing has happened yet" : "no line has these words"
      painter.centered([painter.piece(text, .faint)], in: inner.row(inner.height / 2))
    }
  }

  /// Draws the newest lines in a box, the newest last.
  func drawTail(in area: Rect, on painter: inout Painter) {
    painter.frame.border(
      area, title: [painter.piece("journal", .text)], style: painter.style(.border), glyphs: painter.glyphs)
    let inner = area.inset(left: 2, top: 1, right: 2, bottom: 1)
    drawRows(from: max(0, rows.count - inner.height), in: inner, on: &painter)
  }

  private func drawRows(from first: Int, in area: Rect, on painter: inout Painter) {
    let laneWidth = min(area.width / 5, max(4, lanes.map { displayWidth($0) }.max() ?? 4))
    let showsStep = area.width >= 56
    for (line, entry) in rows.dropFirst(first).prefix(area.height).enumerated() {
      let y = area.y + line
      var x = area.x
      painter.text(Figure.right(NumberFormat.duration(seconds: entry.seconds), 7), x: x, y: y, .faint)
      x += 9
      if let lane = entry.lane {
        let index = lanes.firstIndex(of: lane) ?? 0
        painter.frame.text(lane, x: x, y: y, style: painter.style(lane: index), maxWidth: laneWidth)
      }
      x += laneWidth + 1
      if showsStep {
        let step = entry.step.map { NumberFormat.grouped($0) } ?? ""
        painter.text(Figure.right(step, 9), x: x, y: y, .faint)
        x += 11
      }
      painter.text(entry.text, x: x, y: y, entry.weight.role, maxWidth: area.maxX - x)
    }
  }
}
