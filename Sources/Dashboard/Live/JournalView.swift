package import TerminalUI
import TrainingMetrics

extension Action {
  package static let journal = Action("journal")
  package static let filter = Action("filter")
}

/// Everything that has happened: time, lane, step, event.
package struct JournalView: LiveView {
  package static let tab = ViewTab(.journal, key: .character("4"), help: "Everything that has happened, with the step.")

  package static let actions = [
    ActionDefinition(
      .filter, "[WORDS]", title: "filter", keys: [.character("/")], isLocal: false,
      help: "Show only the journal's lines with these words.")
  ]

  /// The words that lines must contain.
  package private(set) var filter = ""
  package var isMaximised = false
  private var position = ListPosition.end

  package init() {}

  // The view itself is the journal.
  package var showsJournal: Bool { false }

  package mutating func scroll(_ move: ListMove, _ context: ViewContext) -> [ViewRequest]? {
    position.scroll(move)
    return []
  }

  package mutating func take(_ mouse: MouseEvent, on place: Int?, _ context: ViewContext) -> [ViewRequest]? {
    guard mouse.kind == .wheelUp || mouse.kind == .wheelDown else { return nil }
    for _ in 0..<3 { position.scroll(mouse.kind == .wheelUp ? .up : .down) }
    return []
  }

  package mutating func perform(_ invocation: Invocation, _ context: ViewContext) -> [ViewRequest] {
    position = .end
    if let words = invocation.argument {
      filter = words
      return []
    }
    let help = "words to search for; enter keeps the filter, esc shows all"
    return [.type(prompt: "/", text: filter, help: help)]
  }

  package mutating func take(_ text: String, _ stage: TypingStage) -> [ViewRequest] {
    filter = stage == .cancelled ? "" : text
    if stage == .changed { position = .end }
    return []
  }

  package mutating func back(_ context: ViewContext) -> [ViewRequest]? {
    defer { filter = "" }
    return filter.isEmpty ? nil : []
  }

  package func isUseful(_ action: Action, _ context: ViewContext) -> Bool? {
    action == .last ? !position.isAtEnd : nil
  }

  package func addHints(to list: inout HintList, _ context: ViewContext) {
    if rows(context).count > position.height { list.add(.up, .down, "scroll") }
    list.add(.filter)
    list.add(.last, "newest")
  }

  package mutating func draw(in area: Rect, _ context: ViewContext, on painter: inout Painter) {
    if painter.isChartsOnly { return }
    let rows = rows(context)
    let filterText = filter.isEmpty ? [] : [painter.piece("with “\(filter)”", .accent)]
    painter.frame.border(
      area, title: [painter.piece("journal", .strong), painter.piece("  \(rows.count) lines", .faint)],
      trailing: filterText, style: painter.style(.border), glyphs: painter.glyphs)
    let inner = area.inset(left: 2, top: 1, right: 1, bottom: 1)
    let first = position.firstRow(count: rows.count, height: max(1, inner.height))
    guard inner.height > 0 else { return }
    Self.draw(rows, from: first, lanes: context.lanes, in: inner.inset(right: 2), on: &painter)
    painter.frame.scrollBar(
      x: inner.maxX - 1, y: inner.y, height: inner.height, offset: first, visible: inner.height, count: rows.count,
      theme: painter.theme, glyphs: painter.glyphs)
    if rows.isEmpty {
      let text = filter.isEmpty ? "nothing has happened yet" : "no matching lines"
      painter.centered([painter.piece(text, .faint)], in: inner.row(inner.height / 2))
    }
  }

  /// Draws the newest lines in a box, the newest last.
  static func drawTail(of model: DashboardModel, in area: Rect, on painter: inout Painter) {
    painter.frame.border(
      area, title: [painter.piece("journal", .text)], style: painter.style(.border), glyphs: painter.glyphs)
    let inner = area.inset(left: 2, top: 1, right: 2, bottom: 1)
    draw(model.log, from: max(0, model.log.count - inner.height), lanes: model.lanes, in: inner, on: &painter)
  }

  // The lines that match the filter.
  private func rows(_ context: ViewContext) -> [LogEntry] {
    filter.isEmpty ? context.model.log : context.model.log.filter { $0.matches(filter) }
  }

  private static func draw(
    _ rows: [LogEntry], from first: Int, lanes: [LaneModel], in area: Rect, on painter: inout Painter
  ) {
    let lanes = lanes.map(\.name)
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
      painter.text(parts(of: entry.text, width: area.maxX - x), x: x, y: y, entry.weight.role, maxWidth: area.maxX - x)
    }
  }

  // As many of a text's parts, which two blanks keep apart, as fit: a figure that is cut says something else.
  private static func parts(of text: String, width: Int) -> String {
    var parts = text.split(separator: "  ")
    while parts.count > 1, displayWidth(parts.joined(separator: "  ")) > width { parts.removeLast() }
    return parts.joined(separator: "  ")
  }
}
