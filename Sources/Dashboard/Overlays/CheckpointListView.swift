import EngineProtocol
import TerminalUI

/// Draws the list of checkpoints.
struct CheckpointListView {
  let state: CheckpointListState
  let lanes: [LaneModel]
  /// Seconds since 1970; nil where ages cannot be told.
  let time: Double?
  let keyMap: KeyMap
  /// Whether there is an engine that can go back to one.
  let canRewind: Bool
  /// Whether one can be written: the run has a directory.
  let canWrite: Bool

  func draw(on painter: inout Painter) {
    let bounds = painter.frame.bounds
    let rows = state.rows(lanes)
    let title = "checkpoints" + (state.lane.map { " of \($0)" } ?? "")
    let area = OverlayBox.draw(
      title: title, note: canRewind ? "enter rewinds, f forks, esc leaves" : "esc leaves",
      width: min(96, bounds.width - 2),
      height: min(max(8, rows.count + 4), max(8, bounds.height - 4)), on: &painter)
    guard !area.isEmpty else { return }
    guard !rows.isEmpty else {
      let key = keyMap.keys(for: .checkpoint).first?.label ?? ":checkpoint"
      let text =
        canWrite
        ? "no checkpoint yet; \(key) writes one"
        : canRewind ? "no checkpoint: the run is not recorded" : "no checkpoint"
      painter.centered([painter.piece(text, .faint)], in: area.row(area.height / 2))
      return
    }
    let list = area.inset(top: area.height >= 3 ? 1 : 0)
    painter.listHeight = max(1, list.height)
    let selected = state.place(in: rows)
    let first = ListView.offset(
      selected - list.height / 2, selection: selected, height: list.height, count: rows.count)
    let table = Table(
      columns: columns, rows: rows.enumerated().map { row($1, isSelected: $0 == selected, painter) },
      selection: selected, offset: first, showsHeader: area.height >= 3)
    table.render(into: &painter.frame, area: area, theme: painter.theme, glyphs: painter.glyphs)
    for row in 0..<min(list.height, rows.count - first) { painter.hits.add(list.row(row), .row(first + row)) }
  }

  private var showsBranch: Bool { lanes.contains { $0.history.branchCount > 1 } }

  private var columns: [TableColumn] {
    var columns = [
      TableColumn("lane", priority: 9, minimumWidth: 8), TableColumn("step", alignment: .trailing, priority: 10),
      TableColumn("epoch", alignment: .trailing, priority: 6), TableColumn("why", priority: 7),
      TableColumn("validation", alignment: .trailing, priority: 8),
      TableColumn("size", alignment: .trailing, priority: 3), TableColumn("age", alignment: .trailing, priority: 5),
    ]
    if showsBranch { columns.insert(TableColumn("branch", alignment: .trailing, priority: 4), at: 1) }
    return columns
  }

  private func row(_ checkpoint: Checkpoint, isSelected: Bool, _ painter: Painter) -> [[StyledText]] {
    let index = lanes.firstIndex { $0.name == checkpoint.lane } ?? 0
    let stands = lanes[index].history.holds(branch: checkpoint.branch, step: checkpoint.step)
    // What lies on a course left behind is fainter, as its curve is.
    func cell(_ text: String, _ role: ThemeRole = .text) -> [StyledText] {
      [painter.piece(text, stands || isSelected ? role : .faint, isSelected ? .bold : [])]
    }
    var cells = [
      [StyledText(checkpoint.lane, painter.style(lane: index, .bold))],
      cell(NumberFormat.grouped(checkpoint.step), .strong),
      cell(NumberFormat.fixed(checkpoint.epoch, decimals: 2)), cell(checkpoint.reason.title),
      cell(Figure.percent(checkpoint.validationAccuracy)), cell(NumberFormat.bytes(checkpoint.bytes)),
      cell(time.map { NumberFormat.duration(seconds: max(0, $0 - checkpoint.time)) } ?? Figure.unknown),
    ]
    if showsBranch { cells.insert(cell("\(checkpoint.branch)"), at: 1) }
    return cells
  }
}
