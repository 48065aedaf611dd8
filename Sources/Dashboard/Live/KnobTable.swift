import EngineProtocol
import TerminalUI
import TrainingMetrics

/// The hyperparameters: as a table with one column per lane if there is room, otherwise as lines.
struct KnobTable {
  let lanes: [LaneModel]
  let keys: [Hyperparameter]
  let focus: Focus
  let selected: Hyperparameter
  let editor: KnobEditor
  /// Whether an engine can change them.
  let canSteer: Bool

  private static let titleWidth = 15
  private static let valueWidth = 14

  /// Returns how many columns of hyperparameters fit side by side.
  static func blocks(width: Int, laneCount: Int) -> Int { layout(width: width, laneCount: laneCount).blocks }

  // The columns stand a little closer if another one fits then.
  private static func layout(width: Int, laneCount: Int) -> (blocks: Int, pitch: Int) {
    let own = titleWidth + laneCount * valueWidth
    let (wide, close) = ((width + 3) / (own + 3), (width + 2) / (own + 2))
    return close > wide ? (max(1, close), own + 2) : (max(1, wide), own + 3)
  }

  // MARK: Table

  /// Draws the table in a box.
  func draw(in area: Rect, on painter: inout Painter) {
    let target =
      if case .lane(let index) = focus, lanes.indices.contains(index) { lanes[index].name } else { "all lanes" }
    let trailing = canSteer ? [painter.piece("changes ", .faint), painter.piece(target, .accent)] : []
    var title = [painter.piece("hyperparameters", .text)]
    let summary = "  \(selected.specification.summary)"
    if displayWidth(summary) + displayWidth(trailing) + 26 <= area.width {
      title.append(painter.piece(summary, .faint))
    }
    painter.frame.border(
      area, title: title, trailing: trailing, style: painter.style(.border),
      glyphs: painter.glyphs)
    let inner = area.inset(left: 2, top: 1, right: 2, bottom: 1)
    guard inner.height > 1, !keys.isEmpty else { return }
    let laneCount = min(lanes.count, max(1, (inner.width - Self.titleWidth) / Self.valueWidth))
    let layout = Self.layout(width: inner.width, laneCount: laneCount)
    let blocks = min(keys.count, layout.blocks)
    let height = inner.height - 1
    let rows = max(1, (keys.count + blocks - 1) / blocks)
    // If the rows don't fit, the table is scrolled to the selected one.
    let chosen = (keys.firstIndex(of: selected) ?? 0) % rows
    let first = max(0, min(chosen - height + 1, rows - height))
    let firstLane = firstLane(showing: laneCount)
    drawHidden(
      lanes: (firstLane, lanes.count - firstLane - laneCount), rows: (first, rows - first - height), on: area, &painter)
    for block in 0..<blocks {
      let x = inner.x + block * layout.pitch
      for column in 0..<laneCount {
        let index = firstLane + column
        painter.frame.text(
          lanes[index].name, x: x + Self.titleWidth + column * Self.valueWidth, y: inner.y,
          style: painter.style(lane: index, focus.contains(index) ? .bold : []), maxWidth: Self.valueWidth - 1)
      }
      for row in 0..<min(height, rows - first) {
        let place = block * rows + first + row
        guard place < keys.count else { break }
        drawRow(
          keys[place], x: x, y: inner.y + 1 + row, lanes: firstLane..<firstLane + laneCount,
          on: &painter)
      }
    }
  }

  // On the lower border: how many lanes and rows are hidden before and after the visible ones.
  private func drawHidden(
    lanes: (before: Int, after: Int), rows: (before: Int, after: Int), on area: Rect, _ painter: inout Painter
  ) {
    let glyphs = painter.glyphs
    var notes: [String] = []
    if lanes.before > 0 { notes.append("\(glyphs.adjustLeft) \(lanes.before) more lanes") }
    if lanes.after > 0 { notes.append("\(lanes.after) more lanes \(glyphs.adjustRight)") }
    let rows = hidden(rows.before, rows.after, isShort: false, glyphs)
    if !rows.isEmpty { notes.append(rows) }
    guard !notes.isEmpty else { return }
    painter.frame.text(
      " \(notes.joined(separator: "   ")) ", endingAt: area.maxX - 2, y: area.maxY - 1, style: painter.style(.accent),
      maxWidth: max(0, area.width - 4))
  }

  // `↑ 2 ↓ 3 more`; empty if all fit.
  private func hidden(_ before: Int, _ after: Int, isShort: Bool, _ glyphs: GlyphSet) -> String {
    let gap = isShort ? "" : " "
    let parts = [
      before > 0 ? "\(glyphs.arrowUp)\(gap)\(before)" : "", after > 0 ? "\(glyphs.arrowDown)\(gap)\(after)" : "",
    ].filter { !$0.isEmpty }
    return parts.isEmpty ? "" : parts.joined(separator: " ") + (isShort ? "" : " more")
  }

  private func drawRow(
    _ key: Hyperparameter, x: Int, y: Int, lanes shown: Range<Int>, on painter: inout Painter
  ) {
    let isSelected = key == selected
    painter.text(
      key.specification.title, x: x, y: y, isSelected ? .strong : .faint, isSelected ? .bold : [],
      maxWidth: Self.titleWidth - 1)
    for index in shown {
      let cell = Rect(
        x: x + Self.titleWidth + (index - shown.lowerBound) * Self.valueWidth, y: y, width: Self.valueWidth - 1,
        height: 1)
      painter.hits.add(cell, .knob(lane: focus == .all ? nil : index, key))
      let isEdited = isSelected && focus.contains(index) && lanes[index].value(of: key) != nil
      if isEdited { painter.fill(cell.inset(left: -1), .selection) }
      painter.on(isEdited ? .selection : painter.ground) { painter in
        let pieces = value(of: key, in: lanes[index], isShort: true, painter)
        painter.frame.text(pieces, x: cell.x, y: cell.y, maxWidth: cell.width)
      }
    }
  }

  private func firstLane(showing count: Int) -> Int {
    guard case .lane(let index) = focus else { return 0 }
    return max(0, min(index - count + 1, lanes.count - count))
  }

  // MARK: Lines

  /// Draws the hyperparameters of the lanes in focus as lines, in the rows of `area`.
  func drawLines(in area: Rect, on painter: inout Painter) {
    guard area.height > 0, area.width > 0, !keys.isEmpty else { return }
    let lanes = lanes.enumerated().filter { focus.contains($0.offset) }.map(\.element)
    let isNarrow = area.width < 60
    let isTiny = area.width < 30
    var entries: [(key: Hyperparameter, pieces: [StyledText])] = []
    for key in keys {
      let values = lanes.compactMap {
        $0.value(of: key) == nil
          ? nil : value(of: key, in: $0, isShort: isNarrow, digits: isTiny ? 2 : isNarrow ? 3 : nil, painter)
      }
      guard let first = values.first else { continue }
      // If all lanes have the same value, it is shown once.
      let isOne = values.allSatisfy { $0 == first }
      let shown = isOne ? first : Array(values.joined(separator: [painter.piece(" ", .faint)]))
      let title = isNarrow ? key.shortTitle : key.specification.title
      let isSelected = key == selected
      entries.append(
        (
          key,
          [painter.piece(title + " ", isSelected ? .text : .faint)]
            + (isSelected ? framed(shown, isTight: isTiny, painter) : shown)
        )
      )
    }
    let width = area.width - 2 - targetWidth(area.width)
    var lines = wrapped(entries, width: width)
    // If not all fit, the end of the last row shows how many are hidden, unless that would cut off a value.
    let isShort = area.width < 100
    let noteWidth = lines.count <= area.height || area.width < 30 ? 0 : isShort ? 6 : 15
    if noteWidth > 0 {
      lines = wrapped(entries, width: width, fromRow: area.height - 1, width: max(1, width - noteWidth))
    }
    // The visible lines include the selected one, preceded by as many as fit.
    let chosen = lines.firstIndex { $0.contains { $0.key == selected } } ?? 0
    let first = max(0, chosen - area.height + 1)
    let before = lines.prefix(first).reduce(0) { $0 + $1.count }
    lines = Array(lines.dropFirst(first).prefix(area.height))
    let after = entries.count - before - lines.reduce(0) { $0 + $1.count }
    drawTarget(in: area.row(0), on: &painter)
    painter.frame.text(
      hidden(before, after, isShort: isShort, painter.glyphs), endingAt: area.maxX - 1, y: area.maxY - 1,
      style: painter.style(.accent), maxWidth: noteWidth)
    for (row, line) in lines.enumerated() {
      var x = area.x + 1 + targetWidth(area.width)
      let end = row == area.height - 1 ? area.maxX - noteWidth : area.maxX
      for entry in line {
        let width = painter.frame.text(entry.pieces, x: x, y: area.y + row, maxWidth: max(0, end - x))
        let hit = Rect(x: x, y: area.y + row, width: width, height: 1)
        painter.hits.add(hit, .knob(lane: focusedLane, entry.key))
        x += width + 3
      }
    }
  }

  private var focusedLane: Int? { if case .lane(let index) = focus { index } else { nil } }

  private func targetWidth(_ width: Int) -> Int { width >= 30 ? 11 : 0 }

  // The lanes that changes apply to, before the values.
  private func drawTarget(in row: Rect, on painter: inout Painter) {
    guard targetWidth(row.width) > 0 else { return }
    if case .lane(let index) = focus, lanes.indices.contains(index) {
      painter.frame.text(
        lanes[index].name, x: row.x + 1, y: row.y, style: painter.style(lane: index, .bold), maxWidth: 10)
    } else {
      painter.text("all lanes", x: row.x + 1, y: row.y, .accent, maxWidth: 10)
    }
  }

  private func framed(_ value: [StyledText], isTight: Bool, _ painter: Painter) -> [StyledText] {
    let gap = isTight ? "" : " "
    return [painter.piece("\(painter.glyphs.adjustLeft)\(gap)", .accent)]
      + value.map { StyledText($0.text, theme(bold: $0.style)) } + [
        painter.piece("\(gap)\(painter.glyphs.adjustRight)", .accent)
      ]
  }

  private func theme(bold style: Style) -> Style {
    var style = style
    style.attributes.insert(.bold)
    return style
  }

  // Wraps to rows of one width, and to another width from a given row on.
  private func wrapped(
    _ entries: [(key: Hyperparameter, pieces: [StyledText])], width: Int, fromRow: Int = .max, width lastWidth: Int = 0
  ) -> [[(key: Hyperparameter, pieces: [StyledText])]] {
    var lines: [[(key: Hyperparameter, pieces: [StyledText])]] = [[]]
    var used = 0
    for entry in entries {
      let wide = displayWidth(entry.pieces)
      if used > 0, used + 3 + wide > (lines.count > fromRow ? lastWidth : width) {
        lines.append([])
        used = 0
      }
      lines[lines.count - 1].append(entry)
      used += wide + (used > 0 ? 3 : 0)
    }
    return lines
  }

  // MARK: Values

  // A value in its state: unchanged, pending, just applied, or refused.
  private func value(
    of key: Hyperparameter, in lane: LaneModel, isShort: Bool, digits: Int? = nil, _ painter: Painter
  ) -> [StyledText] {
    // What a schedule gives has many digits.
    func text(_ value: HyperparameterValue) -> String {
      guard let digits, case .number(let number) = value, "\(value)".count > 6 else { return "\(value)" }
      return Figure.rounded(number, digits: digits)
    }
    guard let now = lane.value(of: key) else { return [painter.piece(Figure.unknown, .faint)] }
    switch editor.states[Knob(lane.name, key)] {
    case .draft(let value, _), .sent(let value, _):
      // A word needs the room of two numbers.
      if isShort, case .word = value { return [painter.piece("→\(value)", .warning)] }
      return [painter.piece("\(text(now)) ", .faint), painter.piece("→ \(value)", .warning)]
    case .applied(let value, let step, _):
      let place = if case .number = value, isShort { " @\(NumberFormat.grouped(step))" } else { "" }
      return [painter.piece("\(value)", .good), painter.piece(place, .faint)]
    case .refused: return [painter.piece(text(now), .warning)]
    case nil: return [painter.piece(text(now), .text)]
    }
  }
}
