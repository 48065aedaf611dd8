import EngineProtocol
package import TerminalUI
import TrainingMetrics

extension Action {
  package static let trials = Action("trials")
}

/// The table of trials: sorted by any column, filtered, with the selected trial below it.
package struct TrialsView: SweepView {
  package static let tab = ViewTab(
    .trials, key: .character("1"), help: "The table of trials: arrow keys sort by a column, / filters.")

  /// The first row that is visible.
  private var top = 0
  package private(set) var pageHeight = 1
  // The columns as last drawn, whose headings can be clicked.
  private var drawn: [TrialColumn] = []

  package init() {}

  package var turnTitle: String? { "sort by" }

  package mutating func turn(_ direction: Int, _ sweep: inout SweepModel) { sweep.turnColumn(direction) }

  // Headings have negative numbers.
  package mutating func press(_ place: Int, _ sweep: inout SweepModel) {
    if place < 0, drawn.indices.contains(-place - 1) {
      sweep.sort(by: drawn[-place - 1])
    } else {
      sweep.select(place)
    }
  }

  package mutating func draw(in area: Rect, _ sweep: SweepModel, on painter: inout Painter) {
    guard !area.isEmpty else { return }
    let details = area.height >= 18 && area.width >= 40 ? min(14, area.height / 3) : 0
    if details > 0, let trial = sweep.trial {
      TrialDetails(trial: trial, sweep: sweep.snapshot).draw(
        in: area.rows(area.height - details, details), on: &painter)
    }
    let margin = area.width >= 24 ? 1 : 0
    drawTable(in: area.inset(left: margin, right: margin, bottom: details), sweep, on: &painter)
  }

  private mutating func drawTable(in area: Rect, _ sweep: SweepModel, on painter: inout Painter) {
    let showsHeader = area.height >= 3
    let body = area.inset(top: showsHeader ? 1 : 0)
    pageHeight = max(1, body.height)
    let count = sweep.visible.count
    top = ListView.offset(top, selection: sweep.row, height: body.height, count: count)
    guard count > 0 else {
      let text = sweep.filter.isEmpty ? "no trials" : "no trial matches “\(sweep.filter.text)”"
      return painter.centered([painter.piece(text, .faint)], in: body.row(body.height / 2))
    }
    let shown = sweep.visible[top..<min(count, top + body.height)].map { sweep.snapshot.trials[$0] }
    let columns = TrialColumn.all(of: sweep.snapshot).filter { column in
      column != .worker || sweep.snapshot.trials.contains { $0.worker != nil || $0.host != nil }
    }
    var table = Table(
      columns: [TableColumn("", priority: 380)]
        + columns.map { heading($0, sweep, painter.glyphs) },
      rows: shown.map { trial in
        let sign = trial.state.sign(painter.glyphs)
        let mark = sweep.marked.contains(trial.number) ? String(painter.glyphs.point) : " "
        return [[painter.piece(mark, .accent, .bold), painter.piece(String(sign.glyph), sign.role)]]
          + columns.map { [cell($0, trial, sweep.snapshot, painter)] }
      }, showsHeader: showsHeader)
    table.selection = shown.firstIndex { $0.number == sweep.selected }
    // The whole list's scroll bar, since the table has only the visible rows.
    let isScrolled = count > body.height
    let space = area.inset(right: isScrolled ? 2 : 0)
    table.render(into: &painter.frame, area: space, theme: painter.theme, glyphs: painter.glyphs)
    for line in shown.indices { painter.hits.add(space.row(line + (showsHeader ? 1 : 0)), .place(shown[line].number)) }
    if showsHeader {
      let style = painter.style(.strong, .bold)
      drawn = columns
      for (place, span) in table.spans(in: space).dropFirst().enumerated() {
        guard let span else { continue }
        painter.hits.add(span, .place(-place - 1))
        if columns[place] == sweep.column { painter.frame.restyle(span) { $0 = style } }
      }
    }
    if isScrolled {
      painter.frame.scrollBar(
        x: area.maxX - 1, y: body.y, height: body.height, offset: top, visible: body.height, count: count,
        theme: painter.theme, glyphs: painter.glyphs)
    }
  }

  // As wide as its widest value of all trials, so that columns stand still while the table is scrolled.
  private func heading(_ column: TrialColumn, _ sweep: SweepModel, _ glyphs: GlyphSet) -> TableColumn {
    let isSorted = column == sweep.column
    let arrow = isSorted ? String(sweep.isDescending ? glyphs.arrowDown : glyphs.arrowUp) : " "
    let title = column.title(in: sweep.snapshot)
    let width = width(column, sweep.snapshot)
    let isTrailing = column.isNumeric
    // The arrow stands outside of the column's edge, so that sorting moves nothing.
    let text = isTrailing ? Figure.right(title + arrow, width + 1) : Figure.left(title + arrow, width + 1)
    return TableColumn(
      text, alignment: isTrailing ? .trailing : .leading, priority: isSorted ? 500 : priority(column),
      minimumWidth: isTrailing ? nil : min(width + 1, 10))
  }

  private func priority(_ column: TrialColumn) -> Int {
    switch column {
    case .trial: 400
    case .objective: 390
    case .parameter(let index): 300 - min(index, 90)
    case .epochs: 250
    case .state: 205
    case .seed: 200
    case .seconds: 150
    case .setting: 140
    case .worker: 100
    }
  }

  private func width(_ column: TrialColumn, _ sweep: SweepSnapshot) -> Int {
    switch column {
    case .trial, .setting: "\(sweep.trials.count)".count
    case .seed: sweep.trials.prefix(1000).map { "\($0.seed)".count }.max() ?? 1
    case .epochs: 2 * "\(sweep.trials.map(\.plannedEpochs).max() ?? 0)".count + 1
    case .objective: 8
    case .seconds: 7
    case .state: 11
    case .worker: sweep.trials.map { ($0.worker ?? $0.host ?? "").utf8.count }.max() ?? 0
    case .parameter(let index): sweep.trials.map { $0.values[index]?.utf8.count ?? 1 }.max() ?? 1
    }
  }

  private func cell(
    _ column: TrialColumn, _ trial: SweepSnapshot.Trial, _ sweep: SweepSnapshot, _ painter: Painter
  ) -> StyledText {
    let text = column.text(of: trial, in: sweep) ?? Figure.unknown
    // Numbers leave the column of the heading's arrow empty.
    let cell = column.isNumeric ? text + " " : text
    return switch column {
    case .objective: painter.piece(cell, trial.objective == nil ? .faint : .strong)
    case .state: painter.piece(cell, trial.state == .finished ? .faint : trial.state.sign(painter.glyphs).role)
    case .trial, .parameter: painter.piece(cell, .text)
    default: painter.piece(cell, .faint)
    }
  }
}

/// The selected trial: its values, what it has reached, and its curve.
struct TrialDetails {
  let trial: SweepSnapshot.Trial
  let sweep: SweepSnapshot

  func draw(in area: Rect, on painter: inout Painter) {
    let sign = trial.state.sign(painter.glyphs)
    painter.frame.border(
      area,
      title: [
        painter.piece("trial \(trial.number)", .strong, .bold),
        painter.piece("  setting \(trial.setting), seed \(trial.seed)", .faint),
      ],
      trailing: [painter.piece("\(sign.glyph) \(trial.state.rawValue)", sign.role)], style: painter.style(.border),
      glyphs: painter.glyphs)
    let inner = area.inset(left: 2, top: 1, right: 2, bottom: 1)
    let chartWidth = inner.width >= 76 && !trial.curve.isEmpty ? inner.width / 2 : 0
    let text = inner.inset(right: chartWidth > 0 ? chartWidth + 2 : 0)
    var row = 0
    for (name, value, role) in lines {
      let lines = TextWrap.lines(value, width: max(1, text.width - Self.nameWidth))
      guard row + lines.count <= text.height else { break }
      for (index, line) in lines.enumerated() {
        if index == 0 { painter.text(name, x: text.x, y: text.y + row, .faint, maxWidth: text.width) }
        painter.text(
          line, x: text.x + Self.nameWidth, y: text.y + row, role, maxWidth: text.width - Self.nameWidth)
        row += 1
      }
    }
    guard chartWidth > 0 else { return }
    var chart = LineChart(
      series: [
        ChartSeries(
          MetricSeries(trial.curve.map { MetricPoint(step: $0.epoch, value: Float($0.validationAccuracy)) }),
          color: painter.theme.laneColor(0), label: "\(sweep.objective.lane) validation accuracy", showsBand: false)
      ], yUnit: .percent, xUnit: .epochs(stepsPerEpoch: 1))
    chart.steps = 0...Double(max(1, trial.plannedEpochs))
    chart.render(
      into: &painter.frame, area: Rect(x: inner.maxX - chartWidth, y: inner.y, width: chartWidth, height: inner.height),
      theme: painter.theme, glyphs: painter.glyphs)
  }

  private static let nameWidth = 10

  private var lines: [(name: String, value: String, role: ThemeRole)] {
    var lines: [(String, String, ThemeRole)] = [("values", sweep.words(of: trial), .text)]
    if let failure = trial.failure { lines.append(("failure", failure, .bad)) }
    let value = trial.objective.map { "\(sweep.objective.shortName) \(sweep.objective.text(of: $0))" }
    let epochs = "epoch \(trial.epochs) of \(trial.plannedEpochs)"
    let time = trial.seconds > 0 ? "\(NumberFormat.duration(seconds: trial.seconds)) of training" : nil
    lines.append(("reached", [value, epochs, time].compactMap(\.self).joined(separator: ", "), .text))
    if let last = trial.curve.last {
      var parts = ["accuracy \(NumberFormat.percent(last.validationAccuracy))"]
      parts.append("loss \(NumberFormat.loss(last.validationLoss))")
      if let loss = last.trainLoss { parts.append("training loss \(NumberFormat.loss(loss))") }
      lines.append(("last", parts.joined(separator: ", "), .text))
    }
    if let worker = trial.worker {
      lines.append(("worker", worker, .text))
    } else if let host = trial.host {
      lines.append(("machine", host, .text))
    }
    return lines
  }
}
