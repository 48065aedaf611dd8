import EngineProtocol
package import TerminalUI
import TrainingMetrics

extension Action {
  package static let parameters = Action("parameters")
}

/// The objective against a parameter, coloured by another one, and how important each parameter is.
package struct ParametersView: SweepView {
  package static let tab = ViewTab(
    .parameters, key: .character("3"),
    help: "The objective against a parameter, coloured by another one, and the importance of parameters.")

  package init() {}

  package var turnTitle: String? { "parameter" }

  package mutating func turn(_ direction: Int, _ sweep: inout SweepModel) { sweep.turnParameter(direction) }

  package mutating func draw(in area: Rect, _ sweep: SweepModel, on painter: inout Painter) {
    guard !area.isEmpty else { return }
    guard !sweep.snapshot.parameters.isEmpty else {
      return painter.centered(
        [painter.piece("the sweep varies only seeds", .faint)], in: area.row(area.height / 2))
    }
    let count = sweep.snapshot.parameters.count
    if area.width >= 110, area.height >= 10 {
      let side = area.inset(left: area.width - 44)
      drawImportance(sweep, in: side.rows(0, min(side.height, count + 6)), on: &painter)
      drawScatter(sweep, in: area.inset(right: 44), on: &painter)
    } else {
      let rows = area.height >= 16 ? min(count + 3, area.height / 3) : 0
      drawScatter(sweep, in: area.inset(bottom: rows), on: &painter)
      if rows > 2 { drawImportance(sweep, in: area.rows(area.height - rows, rows), on: &painter) }
    }
  }

  // MARK: Scatter

  private func drawScatter(_ sweep: SweepModel, in area: Rect, on painter: inout Painter) {
    let snapshot = sweep.snapshot
    let parameter = sweep.parameter
    let name = snapshot.shortName(ofParameter: parameter)
    // A trial that trains will get better.
    let trials = sweep.visible.map { snapshot.trials[$0] }.filter { $0.objective != nil && $0.state != .training }
    let groups = ColorGroups(sweep, trials, painter.theme)
    let isBoxed = area.height >= 10 && area.width >= 40
    if isBoxed {
      let color = sweep.colorParameter.map { "coloured by \(snapshot.shortName(ofParameter: $0))" } ?? ""
      painter.frame.border(
        area, title: [painter.piece("\(snapshot.objective.shortName) by \(name)", .strong, .bold)],
        trailing: [painter.piece("\(trials.count) trials  \(color)", .faint)], style: painter.style(.border),
        glyphs: painter.glyphs)
    }
    var inner = isBoxed ? area.inset(left: 2, top: 1, right: 2, bottom: 1) : area
    guard !trials.isEmpty else {
      return painter.centered([painter.piece("no trial has a value yet", .faint)], in: inner.row(inner.height / 2))
    }
    if inner.height >= 6, groups.labels.count > 1 {
      painter.frame.text(groups.legend(painter), x: inner.x, y: inner.y, maxWidth: inner.width)
      inner = inner.inset(top: 1)
    }
    var chart = ScatterChart(
      points: zip(trials, groups.groups).map { trial, group in
        ScatterChart.Point(x: sweep.position(of: trial, on: parameter), y: trial.objective ?? .nan, group: group)
      }, colors: groups.colors, xAxis: sweep.axis(of: parameter), xName: name, yUnit: snapshot.objective.unit)
    chart.selected = trials.firstIndex { $0.number == sweep.selected }
    chart.showsDigits = groups.needsDigits
    let cells = chart.render(into: &painter.frame, area: inner, theme: painter.theme, glyphs: painter.glyphs)
    for (trial, cell) in zip(trials, cells) {
      if let cell { painter.hits.add(Rect(x: cell.x, y: cell.y, width: 1, height: 1), .place(trial.number)) }
    }
  }

  // MARK: Importance

  private func drawImportance(_ sweep: SweepModel, in area: Rect, on painter: inout Painter) {
    let snapshot = sweep.snapshot
    painter.frame.border(
      area, title: [painter.piece("importance", .strong, .bold)],
      trailing: [painter.piece("variance explained, ε²", .faint)], style: painter.style(.border), glyphs: painter.glyphs
    )
    let inner = area.inset(left: 2, top: 1, right: 2, bottom: 1)
    guard !snapshot.importances.isEmpty else {
      painter.text("no trial has finished yet", x: inner.x, y: inner.y, .faint, maxWidth: inner.width)
      return
    }
    let ranked = snapshot.importances.indices.sorted { first, second in
      let (a, b) = (snapshot.importances[first].share ?? -1, snapshot.importances[second].share ?? -1)
      return a == b ? first < second : a > b
    }
    let bars = ranked.map { index in
      let share = snapshot.importances[index].share
      return BarChart.Bar(
        snapshot.shortName(ofParameter: index), max(0, share ?? 0),
        text: share.map { NumberFormat.fixed(max(0, $0) * 100, decimals: 0) + " %" } ?? Figure.unknown,
        color: index == sweep.parameter ? painter.theme[.accent] : nil)
    }
    BarChart(bars, color: painter.theme.laneColor(0), full: 1).render(
      into: &painter.frame, area: inner, theme: painter.theme, glyphs: painter.glyphs)
    for (row, index) in ranked.enumerated() where row < inner.height {
      // Headings of tables have negative numbers, too.
      painter.hits.add(inner.row(row), .place(-index - 1))
    }
    let count = snapshot.count(.finished)
    let note = TextWrap.sentences(
      "Each alone, by analysis of variance over \(count) finished trials (Kelley 1935). Chance gives 0 %.",
      width: inner.width, height: inner.height - bars.count - 1)
    for (row, line) in note.enumerated() {
      painter.text(line, x: inner.x, y: inner.y + bars.count + 1 + row, .faint, maxWidth: inner.width)
    }
  }

  package mutating func press(_ place: Int, _ sweep: inout SweepModel) {
    if place < 0 { sweep.choose(parameter: -place - 1) } else { sweep.select(place) }
  }
}

/// Trials in groups by the value of a parameter, with a colour for each.
struct ColorGroups {
  /// The group of each trial.
  private(set) var groups: [Int] = []
  /// The colour and the label of each group.
  private(set) var colors: [Color] = []
  private(set) var labels: [String] = []

  /// Groups by the parameter that colours: words each a group, numbers in up to four groups of equally many trials.
  init(_ sweep: SweepModel, _ trials: [SweepSnapshot.Trial], _ theme: Theme) {
    guard let parameter = sweep.colorParameter else {
      (groups, colors, labels) = (trials.map { _ in 0 }, [theme.laneColor(0)], ["all"])
      return
    }
    let texts = trials.map { $0.values[parameter] }
    let distinct = Set(texts.compactMap(\.self))
    let numbers = texts.map { $0.flatMap(Double.init) }
    if distinct.count <= 6 || numbers.allSatisfy({ $0 == nil }) {
      let sorted = distinct.sorted { first, second in
        if let a = Double(first), let b = Double(second) { a < b } else { first < second }
      }
      labels = sorted
      groups = texts.map { text in text.flatMap { sorted.firstIndex(of: $0) } ?? sorted.count }
    } else {
      let sorted = numbers.compactMap(\.self).sorted()
      let cuts = (1..<4).map { sorted[$0 * sorted.count / 4] }
      groups = numbers.map { number in number.map { value in cuts.count { value >= $0 } } ?? 4 }
      let ends = [sorted[0]] + cuts + [sorted[sorted.count - 1]]
      labels = zip(ends, ends.dropFirst()).map { "\(NumberFormat.compact($0))–\(NumberFormat.compact($1))" }
    }
    if groups.contains(labels.count) { labels.append("without") }
    colors = labels.indices.map { theme.laneColor($0) }
  }

  /// Whether colours cannot tell the groups apart.
  var needsDigits: Bool { colors.count > 1 && Set(colors).count < min(colors.count, 6) }

  /// The colours with their labels.
  func legend(_ painter: Painter) -> [StyledText] {
    zip(colors, labels).enumerated().flatMap { index, group in
      let mark = needsDigits ? "\(index % 9 + 1)" : String(painter.glyphs.point)
      return [
        StyledText(mark + " ", painter.theme.style(color: group.0)), painter.piece(group.1 + "   ", .faint),
      ]
    }
  }
}

extension SweepModel {
  /// The axis of a parameter, as the user has chosen its scale.
  func axis(of parameter: Int) -> ScatterChart.Axis {
    switch snapshot.parameters[parameter].scale {
    case .categories(let words): .categories(words)
    case .linear: .numbers(hasOtherScale(parameter) && isPositive(parameter) ? .log : .linear)
    case .logarithmic: .numbers(hasOtherScale(parameter) ? .linear : .log)
    }
  }

  /// The place of a trial on the axis; NaN if the parameter does not apply.
  func position(of trial: SweepSnapshot.Trial, on parameter: Int) -> Double {
    guard let value = trial.values[parameter] else { return .nan }
    if case .categories(let words) = snapshot.parameters[parameter].scale {
      return words.firstIndex(of: value).map(Double.init) ?? .nan
    }
    return Double(value) ?? .nan
  }

  private func isPositive(_ parameter: Int) -> Bool {
    snapshot.trials.allSatisfy { trial in trial.values[parameter].flatMap(Double.init).map { $0 > 0 } ?? true }
  }
}
