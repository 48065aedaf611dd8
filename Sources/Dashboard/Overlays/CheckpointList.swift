package import EngineProtocol
package import TerminalUI
import TrainingMetrics

/// The list of checkpoints, to rewind to or fork from.
package struct CheckpointList: Overlay, Hashable {
  /// The lane whose checkpoints are listed; nil for all lanes.
  package let lane: String?
  /// The selected checkpoint, which stays selected when newer ones arrive; nil if there is none.
  package private(set) var chosen: Checkpoint?

  private var page = 1

  /// A list with the given checkpoint selected, or the newest one.
  package init(lane: String?, chosen: Checkpoint? = nil) {
    self.lane = lane
    self.chosen = chosen
  }

  /// The checkpoints to list, newest first.
  package func rows(_ lanes: [LaneModel]) -> [Checkpoint] {
    let found = lanes.filter { lane == nil || $0.name == lane }.flatMap(\.checkpoints)
    return found.sorted { ($0.time, $0.step, $0.lane) > ($1.time, $1.step, $1.lane) }
  }

  /// The index of the selected checkpoint; if it was deleted, of the next older one.
  package func place(in rows: [Checkpoint]) -> Int {
    guard let chosen else { return 0 }
    if let place = rows.firstIndex(where: { $0.isSame(as: chosen) }) { return place }
    return rows.firstIndex { $0.time <= chosen.time } ?? max(0, rows.count - 1)
  }

  private mutating func move(_ move: ListMove, in rows: [Checkpoint]) {
    choose(place(in: rows) + min(max(-rows.count, move.rows(page: page)), rows.count), in: rows)
  }

  private mutating func choose(_ place: Int, in rows: [Checkpoint]) {
    if !rows.isEmpty { chosen = rows[min(max(0, place), rows.count - 1)] }
  }

  // MARK: Events

  package mutating func take(_ key: Key, _ dashboard: inout Dashboard) -> OverlayFate {
    let rows = rows(dashboard.model.lanes)
    switch key {
    case .escape, .character("q"), .character("c"): return .closes
    case .up, .character("k"): move(.up, in: rows)
    case .down, .character("j"): move(.down, in: rows)
    case .pageUp: move(.pageUp, in: rows)
    case .pageDown: move(.pageDown, in: rows)
    case .home, .character("g"): move(.first, in: rows)
    case .end, .character("G"): move(.last, in: rows)
    case .enter, .character("f"):
      guard rows.indices.contains(place(in: rows)) else { break }
      let checkpoint = rows[place(in: rows)]
      if let obstacle = dashboard.obstacle(to: key == .enter ? .rewind : .fork) {
        dashboard.say(obstacle, .warning)
      } else if key == .enter {
        var list = self
        list.chosen = checkpoint
        dashboard.open(Question.rewind(checkpoint, list: list))
      } else {
        dashboard.beginFork(of: checkpoint)
      }
    case .character("C"): dashboard.perform(Invocation(.checkpoint))
    default: break
    }
    return .stays
  }

  package mutating func take(
    _ mouse: MouseEvent, on target: HitMap.Target?, _ dashboard: inout Dashboard
  ) -> OverlayFate {
    let rows = rows(dashboard.model.lanes)
    switch mouse.kind {
    case .wheelUp: move(.up, in: rows)
    case .wheelDown: move(.down, in: rows)
    case .press: if case .row(let place) = target { choose(place, in: rows) }
    case .drag, .release: break
    }
    return .stays
  }

  package func hints(_ dashboard: Dashboard) -> [Footer.Hint] {
    guard dashboard.hasEngine else { return [.choose, .key(.escape, "leave")] }
    return [.choose, .key(.enter, "rewind"), .key(.character("f"), "fork")]
      + (dashboard.isRecorded ? [.key(.character("C"), "write one")] : []) + [.key(.escape, "leave")]
  }

  // MARK: Drawing

  package mutating func draw(on painter: inout Painter, _ dashboard: Dashboard) {
    let lanes = dashboard.model.lanes
    let canRewind = dashboard.hasEngine
    let bounds = painter.frame.bounds
    let rows = rows(lanes)
    let title = "checkpoints" + (lane.map { " of \($0)" } ?? "")
    let area = OverlayBox.draw(
      title: title, note: canRewind ? "enter rewinds, f forks, esc leaves" : "esc leaves",
      width: min(96, bounds.width - 2),
      height: min(max(8, rows.count + 4), max(8, bounds.height - 4)), on: &painter)
    guard !area.isEmpty else { return }
    guard !rows.isEmpty else {
      let key = dashboard.keyMap.keys(for: .checkpoint).first?.label ?? ":checkpoint"
      let text =
        canRewind && dashboard.isRecorded
        ? "no checkpoint yet; \(key) writes one"
        : canRewind ? "no checkpoint: the run is not recorded" : "no checkpoint"
      painter.centered([painter.piece(text, .faint)], in: area.row(area.height / 2))
      return
    }
    let list = area.inset(top: area.height >= 3 ? 1 : 0)
    page = max(1, list.height)
    let selected = place(in: rows)
    let first = ListView.offset(
      selected - list.height / 2, selection: selected, height: list.height, count: rows.count)
    let showsBranch = lanes.contains { $0.history.branchCount > 1 }
    let time = dashboard.time
    let table = Table(
      columns: columns(showsBranch),
      rows: rows.enumerated().map { row($1, lanes, time, showsBranch, isSelected: $0 == selected, painter) },
      selection: selected, offset: first, showsHeader: area.height >= 3)
    table.render(into: &painter.frame, area: area, theme: painter.theme, glyphs: painter.glyphs)
    for row in 0..<min(list.height, rows.count - first) { painter.hits.add(list.row(row), .row(first + row)) }
  }

  private func columns(_ showsBranch: Bool) -> [TableColumn] {
    var columns = [
      TableColumn("lane", priority: 9, minimumWidth: 8), TableColumn("step", alignment: .trailing, priority: 10),
      TableColumn("epoch", alignment: .trailing, priority: 6), TableColumn("why", priority: 7),
      TableColumn("validation", alignment: .trailing, priority: 8),
      TableColumn("size", alignment: .trailing, priority: 3), TableColumn("age", alignment: .trailing, priority: 5),
    ]
    if showsBranch { columns.insert(TableColumn("branch", alignment: .trailing, priority: 4), at: 1) }
    return columns
  }

  // `time` is in seconds since 1970; nil if unknown, in which case ages are not shown.
  private func row(
    _ checkpoint: Checkpoint, _ lanes: [LaneModel], _ time: Double?, _ showsBranch: Bool, isSelected: Bool,
    _ painter: Painter
  ) -> [[StyledText]] {
    let index = lanes.firstIndex { $0.name == checkpoint.lane } ?? 0
    let stands = lanes[index].history.holds(branch: checkpoint.branch, step: checkpoint.step)
    // Checkpoints of undone branches are dimmed, as are their curves.
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

extension Checkpoint {
  /// Returns whether it has the same lane, branch and step.
  func isSame(as other: Checkpoint) -> Bool {
    lane == other.lane && branch == other.branch && step == other.step
  }
}
