package import EngineProtocol
package import TerminalUI
import TrainingMetrics

extension Action {
  package static let journal = Action("journal")
  package static let filter = Action("filter")
  package static let showStep = Action("show-step")
  package static let undoLine = Action("undo-line")
}

/// Everything that has happened, a line each: time, lane, step, event. The selected line's effect stands beside or below
/// the lines, and the charts can be moved to it, its edit undone, and its lane rewound or forked from there.
package struct JournalView: LiveView {
  package static let tab = ViewTab(
    .journal, key: .character("4"), help: "Everything that has happened, with the step and its effect.",
    smallestWidth: 16, smallestHeight: 1)

  package static let actions = [
    ActionDefinition(
      .filter, "[WORDS]", title: "filter", keys: [.character("/")], isLocal: false,
      help: "Show only the journal's lines with these words."),
    ActionDefinition(
      .showStep, title: "show on charts", keys: [.character("O")],
      help: "Move the charts to the step of the journal's selected line."),
    ActionDefinition(
      .undoLine, title: "undo this", keys: [.character("Z")], needsEngine: true,
      help: "Set the hyperparameter of the journal's selected line back to its old value."),
  ]

  /// The words that lines must contain.
  package private(set) var filter = ""
  package var isMaximised = false
  package var maximiseTitle: String? { isMaximised ? "lines" : "effect" }

  // The index of the selected line in the whole journal; nil to follow the newest one.
  private var selected: Int?
  private var top = 0
  private var height = 1

  package init() {}

  // The view itself is the journal.
  package var showsJournal: Bool { false }

  // MARK: Events

  package mutating func take(_ event: EngineEvent) {
    if case .started = event { (selected, top) = (nil, 0) }
  }

  package mutating func scroll(_ move: ListMove, _ context: ViewContext) -> [ViewRequest]? {
    let rows = rows(context)
    guard !rows.isEmpty else { return [] }
    let place = place(in: rows)
    let next = min(max(0, place + min(max(-rows.count, move.rows(page: height)), rows.count)), rows.count - 1)
    selected = next == rows.count - 1 ? nil : rows[next].index
    return []
  }

  package mutating func take(_ mouse: MouseEvent, on place: Int?, _ context: ViewContext) -> [ViewRequest]? {
    switch mouse.kind {
    case .wheelUp, .wheelDown:
      for _ in 0..<3 { _ = scroll(mouse.kind == .wheelUp ? .up : .down, context) }
      return []
    case .press:
      guard let place else { return nil }
      selected = place == rows(context).last?.index ? nil : place
      return []
    case .drag, .release: return nil
    }
  }

  package mutating func perform(_ invocation: Invocation, _ context: ViewContext) -> [ViewRequest] {
    switch invocation.action {
    case .showStep: return showStep(context)
    case .undoLine: return undo(context)
    default: break
    }
    selected = nil
    if let words = invocation.argument {
      filter = words
      return []
    }
    let help = "words to search for; enter keeps the filter, esc shows all"
    return [.type(prompt: "/", text: filter, help: help)]
  }

  package mutating func take(_ text: String, _ stage: TypingStage) -> [ViewRequest] {
    filter = stage == .cancelled ? "" : text
    if stage == .changed { selected = nil }
    return []
  }

  package mutating func back(_ context: ViewContext) -> [ViewRequest]? {
    defer { filter = "" }
    return filter.isEmpty ? nil : []
  }

  package func moment(_ context: ViewContext) -> Moment? {
    guard let entry = line(context), let lane = entry.lane, let step = entry.step else { return nil }
    return Moment(lane: lane, branch: entry.branch, step: step)
  }

  private func showStep(_ context: ViewContext) -> [ViewRequest] {
    guard let moment = moment(context), let index = context.model.index(of: moment.lane) else {
      return [.say("this line has no step", .plain)]
    }
    let lane = context.lanes[index]
    let length = effect(context).map { 4 * $0.windows.length } ?? lane.step / 4
    return [
      .focus(.lane(index)), .perform(Invocation(.lanes)),
      .showSteps(around: moment.step, count: max(ChartView.leastWindow, length)),
    ]
  }

  private func undo(_ context: ViewContext) -> [ViewRequest] {
    guard case .entry(let entry)? = line(context)?.subject, case .set(let key, let old, let new) = entry.change,
      let index = context.model.index(of: entry.lane)
    else { return [.say("this line is not a change of a hyperparameter", .plain)] }
    let lane = context.lanes[index]
    if lane.state.hasEnded { return [.say("\(lane.name) has ended", .warning)] }
    if lane.value(of: key) == old {
      return [.say("\(key.specification.title) of \(lane.name) is \(old) already", .plain)]
    }
    let say: [ViewRequest] =
      lane.value(of: key) == new || lane.value(of: key) == nil
      ? [] : [.say("\(key.specification.title) was changed again after this line", .plain)]
    return say + [.setValue(key, old, .lane(index))]
  }

  package func isUseful(_ action: Action, _ context: ViewContext) -> Bool? {
    switch action {
    case .last, .down: selected != nil
    case .up: place(in: rows(context)) > 0
    case .showStep: moment(context) != nil
    case .undoLine: canUndo(line(context), context)
    default: nil
    }
  }

  private func isEdit(_ line: LogEntry?) -> Bool {
    if case .entry(let entry)? = line?.subject { entry.change.isEdit } else { false }
  }

  private func canUndo(_ line: LogEntry?, _ context: ViewContext) -> Bool {
    guard isEdit(line), let index = line?.lane.flatMap(context.model.index) else { return false }
    return !context.lanes[index].state.hasEnded
  }

  package func addHints(to list: inout HintList, _ context: ViewContext) {
    if rows(context).count > 1 { list.add(.up, .down, "choose") }
    list.add(.showStep)
    list.add(.undoLine)
    list.add(.note)
    if moment(context) != nil {
      list.add(.rewind)
      list.add(.fork)
    }
    list.add(.filter)
    list.add(.last, "newest")
  }

  // MARK: Lines

  private struct Row {
    let index: Int
    let entry: LogEntry
  }

  // The lines that match the filter, with their places in the journal.
  private func rows(_ context: ViewContext) -> [Row] {
    context.model.log.enumerated().filter { $0.element.matches(filter) }.map {
      Row(index: $0.offset, entry: $0.element)
    }
  }

  // The place of the selected line; if the filter hides it, of the one before.
  private func place(in rows: [Row]) -> Int {
    guard let selected else { return max(0, rows.count - 1) }
    return max(0, (rows.firstIndex { $0.index > selected } ?? rows.count) - 1)
  }

  private func line(_ context: ViewContext) -> LogEntry? {
    let rows = rows(context)
    return rows.isEmpty ? nil : rows[place(in: rows)].entry
  }

  private func effect(_ context: ViewContext) -> StepEffect? { line(context).flatMap { Self.effect(of: $0, context) } }

  // Undone lines have no steps after them.
  private static func effect(of entry: LogEntry, _ context: ViewContext) -> StepEffect? {
    guard let name = entry.lane, let step = entry.step, let index = context.model.index(of: name),
      context.lanes[index].stands(branch: entry.branch, step: step)
    else { return nil }
    return context.lanes[index].effect(around: step, validationCount: context.model.run?.validationCount ?? 0)
  }

  // MARK: Drawing

  package mutating func draw(in area: Rect, _ context: ViewContext, on painter: inout Painter) {
    if painter.isChartsOnly || area.isEmpty { return }
    let rows = rows(context)
    let details = rows.isEmpty ? nil : details(rows[place(in: rows)].entry, context)
    guard let details, area.height >= 2 else { return drawLines(rows, in: area, context, on: &painter) }
    if isMaximised {
      return drawDetails(details, in: area, on: &painter)
    }
    if area.width >= 150 {
      let parts = area.columns([.weighted(1), .fixed(62)], spacing: 1)
      drawLines(rows, in: parts[0], context, on: &painter)
      drawDetails(details, in: parts[1].rows(0, details.height(width: 58) + 2), on: &painter)
    } else if area.height >= 9 {
      let needed = details.height(width: area.width - 4) + 2
      let height = min(needed, area.height / 2 + 1)
      drawLines(rows, in: area.inset(bottom: height), context, on: &painter)
      drawDetails(details, in: area.rows(area.height - height, height), on: &painter)
    } else {
      drawLines(rows, in: area, context, on: &painter)
    }
  }

  private func details(_ entry: LogEntry, _ context: ViewContext) -> EffectTable {
    let index = entry.lane.flatMap(context.model.index)
    let lane = index.map { context.lanes[$0] }
    func key(_ action: Action, _ words: String) -> (String, String) {
      (context.keyMap.keys(for: action).first?.label ?? ":\(action.rawValue)", words)
    }
    var actions: [(String, String)] = []
    if let lane, let step = entry.step {
      actions.append(key(.showStep, "charts"))
      if context.canSteer {
        if isEdit(entry), !lane.state.hasEnded { actions.append(key(.undoLine, "undo")) }
        actions.append(key(.note, "note"))
        if let checkpoint = lane.checkpoint(atOrBefore: step) {
          actions.append(key(.rewind, "rewind to \(NumberFormat.grouped(checkpoint.step))"))
          actions.append(key(.fork, "fork"))
        }
      }
    }
    return EffectTable(
      entry: entry, lane: lane, index: index ?? 0, effect: Self.effect(of: entry, context), actions: actions)
  }

  private func drawDetails(_ details: EffectTable, in area: Rect, on painter: inout Painter) {
    guard area.width >= 30, area.height >= 4 else { return details.draw(in: area, on: &painter) }
    painter.frame.border(
      area, title: [painter.piece("before and after", .strong)], style: painter.style(.border), glyphs: painter.glyphs)
    details.draw(in: area.inset(left: 2, top: 1, right: 2, bottom: 1), on: &painter)
  }

  private mutating func drawLines(
    _ rows: [Row], in area: Rect, _ context: ViewContext, on painter: inout Painter
  ) {
    var inner = area
    if area.width >= 30, area.height >= 4 {
      let filterText = filter.isEmpty ? [] : [painter.piece("with “\(filter)”", .accent)]
      painter.frame.border(
        area, title: [painter.piece("journal", .strong), painter.piece("  \(rows.count) lines", .faint)],
        trailing: filterText, style: painter.style(.border), glyphs: painter.glyphs)
      inner = area.inset(left: 2, top: 1, right: 1, bottom: 1)
    }
    height = max(1, inner.height)
    let place = place(in: rows)
    top = ListView.offset(selected == nil ? rows.count : top, selection: place, height: height, count: rows.count)
    guard inner.height > 0 else { return }
    let lines = inner.inset(right: 2)
    let shown = rows.dropFirst(top).prefix(inner.height)
    Self.draw(shown.map(\.entry), context, in: lines, on: &painter)
    for (line, row) in shown.enumerated() {
      painter.hits.add(inner.row(line), .place(row.index))
      if row.index == rows[place].index {
        painter.frame.highlight(lines.row(line), theme: painter.theme, isFocused: true)
      }
    }
    painter.frame.scrollBar(
      x: inner.maxX - 1, y: inner.y, height: inner.height, offset: top, visible: inner.height, count: rows.count,
      theme: painter.theme, glyphs: painter.glyphs)
    if rows.isEmpty {
      let text = filter.isEmpty ? "nothing has happened yet" : "no matching lines"
      painter.centered([painter.piece(text, .faint)], in: inner.row(inner.height / 2))
    }
  }

  /// Draws the newest lines in a box, the newest last, without periodic checkpoints.
  static func drawTail(of model: DashboardModel, in area: Rect, on painter: inout Painter) {
    painter.frame.border(
      area, title: [painter.piece("journal", .text)], style: painter.style(.border), glyphs: painter.glyphs)
    let inner = area.inset(left: 2, top: 1, right: 2, bottom: 1)
    let lines = model.log.suffix(8 * max(1, inner.height)).filter { $0.weight != .faint }
    draw(Array(lines.suffix(max(0, inner.height))), ViewContext(model), showsEffects: false, in: inner, on: &painter)
  }

  private static func draw(
    _ rows: [LogEntry], _ context: ViewContext, showsEffects: Bool = true, in area: Rect, on painter: inout Painter
  ) {
    let lanes = context.lanes.map(\.name)
    let laneWidth = min(area.width / 5, max(4, lanes.map { displayWidth($0) }.max() ?? 4))
    let showsStep = area.width >= 56
    let showsTime = area.width >= 30
    for (line, entry) in rows.prefix(area.height).enumerated() {
      let y = area.y + line
      var x = area.x
      if showsTime {
        painter.text(Figure.right(NumberFormat.duration(seconds: entry.seconds), 7), x: x, y: y, .faint)
        x += 9
      }
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
      var end = area.maxX
      if showsEffects, area.width >= 90, case .entry(let change) = entry.subject, change.change.isEdit,
        let effect = effect(of: entry, context)
      {
        let summary = EffectTable.summary(of: effect, painter)
        let width = displayWidth(summary)
        if x + displayWidth(entry.text) + 2 + width <= end {
          end -= width
          painter.frame.text(summary, x: end, y: y, maxWidth: width)
          end -= 2
        }
      }
      painter.text(parts(of: entry.text, width: end - x), x: x, y: y, entry.weight.role, maxWidth: end - x)
    }
  }

  // As many of a text's parts, which two blanks keep apart, as fit: a figure that is cut says something else.
  private static func parts(of text: String, width: Int) -> String {
    var parts = text.split(separator: "  ")
    while parts.count > 1, displayWidth(parts.joined(separator: "  ")) > width { parts.removeLast() }
    return parts.joined(separator: "  ")
  }
}
