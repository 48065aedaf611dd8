import EngineProtocol
package import TerminalUI
import TrainingMetrics

extension Action {
  package static let settings = Action("settings")
}

/// A setting over its seeds: the mean of the objective, and how far its trials spread.
package struct SettingSummary: Hashable, Sendable {
  /// The setting's number.
  package var number: Int
  /// The indices of its trials in the snapshot.
  package var trials: [Int]
  /// The objective of the trials that have finished, by number.
  package var values: [Double]
  /// The 95 % bootstrap interval of the mean; nil if it is not known, or if trials of the setting are filtered out.
  package var interval: ClosedRange<Double>?

  /// The mean; nil without a finished trial.
  package var mean: Double? { values.isEmpty ? nil : values.reduce(0, +) / Double(values.count) }

  /// The sample standard deviation, `√(Σ(x - mean)² / (n - 1))`; nil for fewer than two trials.
  package var standardDeviation: Double? {
    guard let mean, values.count > 1 else { return nil }
    return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)).squareRoot()
  }

  /// Returns the settings with a shown trial, best mean first; those with more finished seeds go before those with fewer, as
  /// in the report.
  package static func all(_ sweep: SweepModel) -> [SettingSummary] {
    var groups: [Int: SettingSummary] = [:]
    var finished: [Int: Int] = [:]
    for trial in sweep.snapshot.trials where trial.state == .finished && trial.objective != nil {
      finished[trial.setting, default: 0] += 1
    }
    for place in sweep.visible.sorted() {
      let trial = sweep.snapshot.trials[place]
      var group = groups[trial.setting] ?? SettingSummary(number: trial.setting, trials: [], values: [])
      group.trials.append(place)
      if trial.state == .finished, let value = trial.objective { group.values.append(value) }
      groups[trial.setting] = group
    }
    for (number, group) in groups where group.values.count == finished[number] {
      groups[number]?.interval = sweep.snapshot.intervals[number]
    }
    return groups.values.sorted { first, second in
      if first.values.count != second.values.count { return first.values.count > second.values.count }
      switch (first.mean, second.mean) {
      case (let a?, let b?) where a != b: return sweep.snapshot.objective.isBetter(a, than: b)
      default: return first.number < second.number
      }
    }
  }
}

/// The settings with mean and spread over their seeds.
package struct SettingsView: SweepView {
  package static let tab = ViewTab(
    .settings, key: .character("2"), help: "The settings, best mean first, with their spread over the seeds.")

  private var top = 0
  package private(set) var pageHeight = 1

  package init() {}

  // The selection is that of a trial; here it moves from setting to setting.
  package mutating func scroll(_ move: ListMove, _ sweep: inout SweepModel) {
    let settings = SettingSummary.all(sweep)
    guard !settings.isEmpty else { return }
    let row = settings.firstIndex { $0.number == sweep.trial?.setting } ?? 0
    let target = max(0, min(settings.count - 1, row + move.rows(page: pageHeight)))
    sweep.select(settings[target].trials[0] + 1)
  }

  package mutating func draw(in area: Rect, _ sweep: SweepModel, on painter: inout Painter) {
    let margin = area.width >= 24 ? 1 : 0
    let area = area.inset(left: margin, right: margin)
    guard !area.isEmpty else { return }
    let (snapshot, settings) = (sweep.snapshot, SettingSummary.all(sweep))
    let note = TextWrap.sentences(
      "Mean, sample standard deviation and 95 % bootstrap interval of the mean over finished seeds. “signflip sweep report” "
        + "compares settings seed by seed.", width: area.width, height: 1)
    let hasNote = area.height >= 12 && !note.isEmpty
    let head = area.height >= 3 ? 1 : 0
    let body = area.inset(top: head, bottom: hasNote ? 2 : 0)
    pageHeight = max(1, body.height)
    let selected = settings.firstIndex { $0.number == sweep.trial?.setting }
    top = ListView.offset(top, selection: selected, height: body.height, count: settings.count)
    guard !settings.isEmpty else {
      return painter.centered([painter.piece("no setting matches the filter", .faint)], in: body.row(body.height / 2))
    }
    let shown = Array(settings[top..<min(settings.count, top + body.height)])
    let space = area.inset(right: settings.count > body.height ? 2 : 0)
    var table = table(shown, snapshot, showsHeader: head > 0, painter)
    table.selection = selected.map { $0 - top }
    // The picture of the spread takes what the columns leave.
    let used = table.widths(in: space.width).compactMap(\.self).reduce(-2) { $0 + $1 + 2 }
    let plot = Rect(x: space.x + used + 3, y: body.y, width: space.width - used - 3, height: body.height)
    let isPlotted = plot.width >= 16
    table.render(
      into: &painter.frame, area: Rect(x: space.x, y: space.y, width: space.width, height: body.height + head),
      theme: painter.theme, glyphs: painter.glyphs)
    if isPlotted, let range = Self.range(settings) {
      drawAxis(range, snapshot, in: Rect(x: plot.x, y: area.y, width: plot.width, height: head), on: &painter)
      for (row, setting) in shown.enumerated() { draw(setting, range, in: plot.row(row), on: &painter) }
    }
    for (row, setting) in shown.enumerated() { painter.hits.add(body.row(row), .place(setting.trials[0] + 1)) }
    painter.frame.scrollBar(
      x: area.maxX - 1, y: body.y, height: body.height, offset: top, visible: body.height, count: settings.count,
      theme: painter.theme, glyphs: painter.glyphs)
    if hasNote { painter.text(note[0], x: area.x, y: area.maxY - 1, .faint, maxWidth: area.width) }
  }

  private func table(
    _ shown: [SettingSummary], _ sweep: SweepSnapshot, showsHeader: Bool, _ painter: Painter
  ) -> Table {
    func width(_ texts: some Sequence<String>) -> Int { texts.map { displayWidth($0) }.max() ?? 1 }
    let seeds = sweep.trials.isEmpty ? 1 : sweep.trials.count / max(1, sweep.trials.last?.setting ?? 1)
    let parameters = sweep.parameters.indices.map { index in
      TableColumn(
        Figure.right(sweep.shortName(ofParameter: index), width(sweep.trials.lazy.map { $0.values[index] ?? "" })),
        alignment: .trailing, priority: 300 - min(index, 90))
    }
    let number = Figure.right("setting", "\(sweep.trials.count)".count)
    return Table(
      columns: [TableColumn(number, alignment: .trailing, priority: 350)] + parameters + [
        TableColumn("seeds", alignment: .trailing, priority: 310),
        TableColumn("mean", alignment: .trailing, priority: 400),
        TableColumn("deviation", alignment: .trailing, priority: 390),
        TableColumn("95 % interval", alignment: .trailing, priority: 205),
      ],
      rows: shown.map { setting in
        let values = sweep.trials[setting.trials[0]].values
        return [[painter.piece("\(setting.number)")]] + values.map { [painter.piece($0 ?? Figure.unknown)] } + [
          [painter.piece("\(setting.values.count)/\(seeds)", .faint)],
          [
            painter.piece(
              setting.mean.map(sweep.objective.text(of:)) ?? Figure.unknown, setting.mean == nil ? .faint : .strong)
          ],
          [painter.piece(setting.standardDeviation.map { "±" + points($0, sweep) } ?? Figure.unknown)],
          [painter.piece(setting.interval.map { ends($0, sweep) } ?? Figure.unknown)],
        ]
      }, showsHeader: showsHeader)
  }

  // In points of a percentage, or as a loss.
  private func points(_ value: Double, _ sweep: SweepSnapshot) -> String {
    sweep.objective.isMaximized ? NumberFormat.fixed(value * 100, decimals: 2) : NumberFormat.loss(value)
  }

  private func ends(_ interval: ClosedRange<Double>, _ sweep: SweepSnapshot) -> String {
    "\(points(interval.lowerBound, sweep)) – \(points(interval.upperBound, sweep))"
  }

  // MARK: The picture of the spread

  // All values, with a little room at the ends.
  private static func range(_ settings: [SettingSummary]) -> ClosedRange<Double>? {
    let values = settings.flatMap(\.values)
    guard let least = values.min(), let most = values.max() else { return nil }
    let margin = most > least ? 0.02 * (most - least) : max(1e-6, abs(most) * 0.01)
    return least - margin...most + margin
  }

  private func drawAxis(
    _ range: ClosedRange<Double>, _ sweep: SweepSnapshot, in row: Rect, on painter: inout Painter
  ) {
    guard !row.isEmpty else { return }
    let ends = [range.lowerBound, range.upperBound].map { value in
      sweep.objective.isMaximized
        ? NumberFormat.percent(value, decimals: 1) : NumberFormat.significant(value, digits: 3)
    }
    painter.line([painter.piece(ends[0], .faint)], trailing: [painter.piece(ends[1], .faint)], in: row)
  }

  // Dots for the seeds, a line over one deviation on both sides, a brighter one over the interval, and the mean.
  private func draw(
    _ setting: SettingSummary, _ range: ClosedRange<Double>, in row: Rect, on painter: inout Painter
  ) {
    guard let mean = setting.mean else { return }
    func column(_ value: Double) -> Int {
      let share = (value - range.lowerBound) / (range.upperBound - range.lowerBound)
      return row.x + max(0, min(row.width - 1, Int(share * Double(row.width))))
    }
    let deviation = setting.standardDeviation ?? 0
    let background = painter.frame[row.x, row.y].style.background
    func put(_ glyph: Unicode.Scalar, _ x: Int, _ role: ThemeRole) {
      var style = painter.style(role)
      style.background = background
      painter.frame[x, row.y] = Cell(glyph, style: style)
    }
    for x in column(mean - deviation)...column(mean + deviation) { put(painter.glyphs.horizontal, x, .faint) }
    if let interval = setting.interval {
      for x in column(interval.lowerBound)...column(interval.upperBound) { put(painter.glyphs.horizontal, x, .accent) }
    }
    for value in setting.values { put(painter.glyphs.point, column(value), .text) }
    put(painter.glyphs.extreme, column(mean), .accent)
  }
}
