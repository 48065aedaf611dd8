import EngineProtocol
import TerminalUI

/// Draws the selected experiment: its description, its cost, and the fields that can be changed before the start.
struct LauncherDetails {
  let launcher: LauncherModel
  let keyMap: KeyMap

  func draw(in area: Rect, on painter: inout Painter) {
    let isActive = launcher.side == .form
    let title = launcher.preset?.name ?? launcher.file ?? "a YAML file"
    var inner = area
    if area.height >= 5, area.width >= 20 {
      painter.frame.border(
        area, title: [painter.piece(title, isActive ? .strong : .text, isActive ? .bold : [])],
        style: painter.style(isActive ? .focus : .border), glyphs: painter.glyphs)
      inner = area.inset(left: 2, top: 1, right: 2, bottom: 1)
    }
    let fields = launcher.fields
    // Fields have priority; the description gets the remaining rows.
    let gaps = inner.height >= fields.count + 8 ? 1 : 0
    let fieldRows = fields.count + (launcher.preset == nil ? 0 : 1) + gaps
    var y = inner.y
    if inner.height > fieldRows {
      y = drawWords(in: inner.rows(0, inner.height - fieldRows), on: &painter) + gaps
    }
    drawFields(fields, in: Rect(x: inner.x, y: y, width: inner.width, height: inner.maxY - y), on: &painter)
  }

  // MARK: Description

  // Returns the row after the last one used.
  private func drawWords(in area: Rect, on painter: inout Painter) -> Int {
    var y = area.y
    func draw(_ label: String, _ text: String, _ role: ThemeRole) {
      let indent = label.isEmpty ? 0 : 10
      let lines = TextWrap.lines(text, width: area.width - indent)
      for (row, line) in lines.enumerated() where y < area.maxY {
        if row == 0 { painter.text(label, x: area.x, y: y, .faint, maxWidth: area.width) }
        let isCut = y == area.maxY - 1 && row < lines.count - 1
        let line = isCut ? line + "…" : line
        painter.text(line, x: area.x + indent, y: y, role, maxWidth: area.width - indent)
        y += 1
      }
    }
    if let preset = launcher.preset {
      draw("", preset.summary, .text)
      if area.height >= 8 { y += 1 }
      draw("expected", preset.expectedResult, .text)
      draw("cost", preset.cost, .text)
      if launcher.selected == 0, let reason = launcher.catalog?.defaultReason, area.height >= 6 {
        draw("default", reason, .faint)
      }
    } else {
      draw(
        "", launcher.file.map { "Trains the experiment in \($0)." } ?? "o asks for the path of an experiment in YAML.",
        .text)
      draw("", "`signflip presets show NAME` prints one to start from.", .faint)
    }
    return y
  }

  // MARK: Fields

  private func drawFields(_ fields: [LauncherField], in area: Rect, on painter: inout Painter) {
    let chosen = fields.firstIndex(of: launcher.field) ?? 0
    // A heading precedes the first lane.
    var rows: [LauncherField?] = []
    for field in fields {
      if case .lane = field, !rows.contains(where: { $0 == nil }) { rows.append(nil) }
      rows.append(field)
    }
    let chosenRow = rows.firstIndex { $0 == fields[chosen] } ?? 0
    let first = ListView.offset(0, selection: chosenRow, height: area.height, count: rows.count)
    for (line, field) in rows.dropFirst(first).prefix(area.height).enumerated() {
      let row = area.row(line)
      guard let field else {
        painter.line(
          [painter.piece("lanes", .faint)], trailing: [painter.piece("learning rate", .faint)],
          // Above the values, which leave room for what stands about a chosen one.
          in: row.inset(right: 2))
        continue
      }
      draw(field, in: row, on: &painter)
    }
  }

  private func draw(_ field: LauncherField, in row: Rect, on painter: inout Painter) {
    let isChosen = launcher.side == .form && field == launcher.field
    painter.hits.add(row, .field(field))
    if isChosen { painter.fill(row.inset(left: -1, right: -1), .selection) }
    painter.on(isChosen ? .selection : .background) { painter in
      if case .lane(let name) = field { return drawLane(name, isChosen, in: row, on: &painter) }
      let (label, value, note) = words(field)
      painter.text(label, x: row.x, y: row.y, isChosen ? .text : .faint, maxWidth: 9)
      let pieces = framed(value.text, isChosen, isChanged: value.isChanged, painter)
      let used = painter.frame.text(pieces, x: row.x + 10, y: row.y, maxWidth: row.width - 10)
      let room = row.width - 12 - used
      let words = note.forms.first { displayWidth($0) <= room } ?? note.forms.last ?? ""
      painter.text(words, x: row.x + 12 + used, y: row.y, note.isBad ? .warning : .faint, maxWidth: room)
    }
  }

  // The forms of a note become shorter.
  private func words(
    _ field: LauncherField
  ) -> (label: String, value: (text: String, isChanged: Bool), note: (forms: [String], isBad: Bool)) {
    let form = launcher.form
    let own = "as in the file"
    let number = launcher.value(of: field).map { "\($0)" } ?? own
    switch field {
    case .dataset:
      let entry = launcher.datasetEntry
      let forms = entry.map { entry in
        entry.location.map { [$0] } ?? ["not found: \(entry.remedy(keyMap, isChosen: true))", "not found"]
      }
      return (
        "data set", (launcher.dataset ?? own, form.dataset != nil),
        (forms ?? [], entry != nil && entry?.location == nil)
      )
    case .epochs: return ("epochs", (number, form.epochs != nil), ([], false))
    case .seed: return ("seed", (launcher.seed.map(String.init) ?? own, form.seed != nil), ([], false))
    case .batchSize:
      return ("batch", (number, form.batchSize != nil), (["images a step, all lanes", "images a step", ""], false))
    case .lane(let name): return (name, (number, form.learningRates[name] != nil), ([], false))
    }
  }

  private func drawLane(_ name: String, _ isChosen: Bool, in row: Rect, on painter: inout Painter) {
    guard let preset = launcher.preset, let index = preset.lanes.firstIndex(where: { $0.name == name }) else { return }
    let lane = preset.lanes[index]
    let isOn = launcher.isOn(name)
    painter.text(isOn ? "[x] " : "[ ] ", x: row.x, y: row.y, isOn ? .accent : .faint)
    let value = words(.lane(name)).value
    let rate = framed(value.text, isChosen, isChanged: value.isChanged, painter)
    let nameWidth = preset.lanes.map { displayWidth($0.name) }.max() ?? 0
    let methodWidth = preset.lanes.map { displayWidth($0.method) }.max() ?? 0
    let width = row.width - 6 - displayWidth(rate)
    var left = [
      StyledText(Figure.left(name, nameWidth), isOn ? painter.style(lane: index, .bold) : painter.style(.faint)),
      painter.piece("  \(Figure.left(lane.method, methodWidth))", isOn ? .text : .faint),
    ]
    // A network's sizes are shown completely or not at all.
    let network = painter.piece("  \(lane.network)", .faint)
    if displayWidth(left + [network]) <= width { left.append(network) }
    painter.frame.text(left, x: row.x + 4, y: row.y, maxWidth: width)
    painter.frame.text(rate, x: row.maxX - displayWidth(rate), y: row.y)
  }

  private func framed(_ text: String, _ isChosen: Bool, isChanged: Bool, _ painter: Painter) -> [StyledText] {
    let value = painter.piece(text, isChanged ? .good : .strong, isChosen ? .bold : [])
    guard isChosen else { return [painter.piece("  "), value, painter.piece("  ")] }
    return [
      painter.piece("\(painter.glyphs.adjustLeft) ", .accent), value,
      painter.piece(" \(painter.glyphs.adjustRight)", .accent),
    ]
  }
}
