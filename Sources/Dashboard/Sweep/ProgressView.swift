package import EngineProtocol
package import TerminalUI
package import TrainingMetrics

extension Action {
  package static let progress = Action("progress")
}

/// How far the sweep is, what each worker does, and the best so far.
package struct ProgressView: SweepView {
  package static let tab = ViewTab(
    .progress, key: .character("6"),
    help: "Progress with the time left, what each worker does, and the best so far over trials or time.")

  private var isOverTime = false
  package var turnTitle: String? { isOverTime ? "over trials" : "over time" }

  package init() {}

  package mutating func turn(_ direction: Int, _ sweep: inout SweepModel) { isOverTime.toggle() }

  package mutating func draw(in area: Rect, _ sweep: SweepModel, on painter: inout Painter) {
    let area = area.inset(left: area.width >= 36 ? 1 : 0, right: area.width >= 36 ? 1 : 0)
    guard !area.isEmpty else { return }
    let summary = Self.summary(sweep, painter)
    let workers = sweep.snapshot.trials.filter { $0.state == .training }
    let head = area.height >= 12 ? summary.count + 2 : min(area.height, summary.count)
    if area.height >= 12 {
      painter.frame.border(
        area.rows(0, head), title: [painter.piece("progress", .strong, .bold)], style: painter.style(.border),
        glyphs: painter.glyphs)
    }
    let inner = area.height >= 12 ? area.rows(0, head).inset(left: 2, top: 1, right: 2, bottom: 1) : area.rows(0, head)
    for (row, line) in summary.prefix(inner.height).enumerated() { draw(line, in: inner.row(row), on: &painter) }
    let rest = area.inset(top: head)
    guard rest.height >= 3 else { return drawPlain(workers, sweep.snapshot, in: rest, on: &painter) }
    let rows = workers.isEmpty ? 0 : min(workers.count + 3, rest.height - (rest.height >= 12 ? 8 : 0))
    drawWorkers(workers, sweep.snapshot, in: rest.rows(0, rows), on: &painter)
    drawBest(sweep, in: rest.inset(top: rows), on: &painter)
  }

  // MARK: Summary

  private struct Line {
    var name: String
    var pieces: [StyledText]
    /// The share of a bar behind the pieces; nil for none.
    var share: Double?
  }

  private static func summary(_ sweep: SweepModel, _ painter: Painter) -> [Line] {
    let (snapshot, pace) = (sweep.snapshot, sweep.pace)
    let counts = TrialState.allCases.compactMap { state -> [StyledText]? in
      let count = snapshot.count(state)
      guard count > 0 else { return nil }
      let sign = state.sign(painter.glyphs)
      return [
        painter.piece("\(sign.glyph) ", sign.role), painter.piece(NumberFormat.grouped(count)),
        painter.piece(" \(state.rawValue)", .faint),
      ]
    }
    let states = Array(counts.joined(separator: [painter.piece("   ")]))
    let epochs =
      "\(NumberFormat.grouped(pace.epochs)) of \(snapshot.search == "halving" ? "at most " : "")"
      + "\(NumberFormat.grouped(pace.plannedEpochs)) epochs"
    var lines = [
      Line(name: "trials", pieces: states),
      Line(name: "done", pieces: [painter.piece(epochs)], share: pace.share),
    ]
    var time: [String] = []
    if let left = pace.secondsLeft {
      time.append(
        "about \(NumberFormat.span(seconds: left)) left with \(pace.workers) \(pace.workers == 1 ? "worker" : "workers")"
      )
    }
    if pace.seconds > 0 { time.append("\(NumberFormat.span(seconds: pace.seconds)) of training so far") }
    if !time.isEmpty { lines.append(Line(name: "time", pieces: [painter.piece(time.joined(separator: ", "))])) }
    let control = snapshot.controller.map { "started by \($0)" }
    let rest = snapshot.trials.allSatisfy(\.state.hasEnded) ? "every trial has ended" : "nobody starts trials"
    lines.append(Line(name: "control", pieces: [painter.piece(control ?? rest, control == nil ? .faint : .text)]))
    return lines
  }

  private func draw(_ line: Line, in row: Rect, on painter: inout Painter) {
    let nameWidth = row.width >= 50 ? 10 : 0
    if nameWidth > 0 { painter.text(line.name, x: row.x, y: row.y, .faint) }
    let used = painter.frame.text(
      line.pieces, x: row.x + nameWidth, y: row.y, maxWidth: row.width - nameWidth)
    guard let share = line.share else { return }
    let start = row.x + nameWidth + used + 2
    let width = min(40, row.maxX - start - 6)
    guard width >= 4 else { return }
    ProgressBar(share, color: painter.theme[.accent]).render(
      into: &painter.frame, area: Rect(x: start, y: row.y, width: width, height: 1), theme: painter.theme,
      glyphs: painter.glyphs)
    painter.text("\(Figure.whole((share * 100).rounded(.down))) %", x: start + width + 1, y: row.y)
  }

  // MARK: Workers

  private func drawWorkers(
    _ workers: [SweepSnapshot.Trial], _ sweep: SweepSnapshot, in area: Rect, on painter: inout Painter
  ) {
    guard area.height >= 3 else { return drawPlain(workers, sweep, in: area, on: &painter) }
    painter.frame.border(
      area, title: [painter.piece("workers", .strong, .bold), painter.piece("  \(workers.count)", .faint)],
      style: painter.style(.border), glyphs: painter.glyphs)
    let inner = area.inset(left: 2, top: 1, right: 2, bottom: 1)
    let table = Table(
      columns: [
        TableColumn("trial", alignment: .trailing, priority: 9), TableColumn("values", priority: 7, minimumWidth: 12),
        TableColumn("epoch", alignment: .trailing, priority: 8), TableColumn("", priority: 3),
        TableColumn(sweep.objective.shortName, alignment: .trailing, priority: 6),
        TableColumn("time", alignment: .trailing, priority: 4), TableColumn("worker", priority: 5, minimumWidth: 12),
      ],
      rows: workers.prefix(max(0, inner.height - 1)).map { trial in
        let share = trial.plannedEpochs > 0 ? Double(trial.epochs) / Double(trial.plannedEpochs) : 0
        let bar = String(String.UnicodeScalarView(Self.bar(share, width: 10, painter.glyphs)))
        return [
          [painter.piece("\(trial.number)", .strong)],
          [painter.piece("\(sweep.words(of: trial)) seed=\(trial.seed)")],
          [painter.piece("\(trial.epochs)/\(trial.plannedEpochs)")], [painter.piece(bar, .accent)],
          [painter.piece(trial.objective.map(sweep.objective.text(of:)) ?? Figure.unknown)],
          [painter.piece(NumberFormat.duration(seconds: trial.seconds), .faint)],
          [painter.piece(trial.worker ?? "", .faint)],
        ]
      })
    table.render(into: &painter.frame, area: inner, theme: painter.theme, glyphs: painter.glyphs)
    for row in 0..<min(workers.count, max(0, inner.height - 1)) {
      painter.hits.add(inner.row(row + 1), .place(workers[row].number))
    }
  }

  private static func bar(_ share: Double, width: Int, _ glyphs: GlyphSet) -> [Unicode.Scalar] {
    let done = Int((share * Double(width)).rounded(.down))
    return Array(repeating: glyphs.progressDone, count: done)
      + Array(repeating: glyphs.progressRest, count: max(0, width - done))
  }

  private func drawPlain(
    _ workers: [SweepSnapshot.Trial], _ sweep: SweepSnapshot, in area: Rect, on painter: inout Painter
  ) {
    for (row, trial) in workers.prefix(area.height).enumerated() {
      painter.frame.text(
        [
          painter.piece("\(painter.glyphs.playing) ", .accent), painter.piece("\(trial.number)", .strong),
          painter.piece("  \(trial.epochs)/\(trial.plannedEpochs)  "),
          painter.piece(sweep.words(of: trial), .faint),
        ], x: area.x, y: area.y + row, maxWidth: area.width)
    }
  }

  // MARK: Best so far

  private func drawBest(_ sweep: SweepModel, in area: Rect, on painter: inout Painter) {
    guard area.height >= 3, area.width >= 16 else { return }
    let best = BestSoFar(sweep.snapshot, isOverTime: isOverTime)
    let isBoxed = area.height >= 8 && area.width >= 36
    if isBoxed {
      painter.frame.border(
        area, title: [painter.piece("best so far", .strong, .bold)],
        trailing: [
          painter.piece("validation \(sweep.snapshot.objective.shortName), so the best is partly luck", .faint)
        ],
        style: painter.style(.border), glyphs: painter.glyphs)
    }
    let inner = isBoxed ? area.inset(left: 2, top: 1, right: 2, bottom: 1) : area
    var chart = LineChart(yUnit: sweep.snapshot.objective.unit)
    chart.xUnit = isOverTime ? .duration : StepUnit(name: "trial", stepsPerUnit: 1)
    if isOverTime, let clock = StepClock(best.clock) { chart.xScale = .time(clock) }
    chart.series = [
      ChartSeries(best.trials, color: painter.theme[.faint], label: "each trial", showsBand: false, stroke: .sparse),
      ChartSeries(best.setting, color: painter.theme.laneColor(1), label: "best mean of a setting", showsBand: false),
      ChartSeries(best.best, color: painter.theme.laneColor(0), label: "best trial", showsBand: false),
    ]
    chart.emptyText = "no trial has a value yet"
    chart.render(into: &painter.frame, area: inner, theme: painter.theme, glyphs: painter.glyphs)
  }
}

/// The best value and the best mean of a setting after each trial, in the order of the trials' numbers.
package struct BestSoFar: Sendable {
  /// The objective of each trial with one; a point's step is its place.
  package private(set) var trials = MetricSeries()
  /// The best of them so far.
  package private(set) var best = MetricSeries()
  /// The best mean of a setting's trials so far, of settings with as many trials as any.
  package private(set) var setting = MetricSeries()
  /// The seconds of training, summed over the trials, at each step.
  private(set) var clock: [StepClock.Mark] = [StepClock.Mark(step: 0, seconds: 0)]

  /// Follows the trials that have a value and train no more.
  package init(_ sweep: SweepSnapshot, isOverTime: Bool = false) {
    var sums: [Int: (sum: Double, count: Int)] = [:]
    var mostSeeds = 0
    var (bestValue, bestMean): (Double?, Double?) = (nil, nil)
    var seconds = 0.0
    var step = 0
    for trial in sweep.trials {
      guard let value = trial.objective, trial.state != .training else { continue }
      step += 1
      seconds += max(1e-3, trial.seconds)
      clock.append(StepClock.Mark(step: Double(step), seconds: seconds))
      trials.append(MetricPoint(step: step, value: Float(value)))
      if bestValue.map({ sweep.objective.isBetter(value, than: $0) }) ?? true { bestValue = value }
      best.append(MetricPoint(step: step, value: Float(bestValue ?? value)))
      let old = sums[trial.setting] ?? (0, 0)
      let new = (sum: old.sum + value, count: old.count + 1)
      sums[trial.setting] = new
      // A mean over fewer seeds is more often the best by luck.
      if new.count > mostSeeds { (mostSeeds, bestMean) = (new.count, nil) }
      let mean = new.sum / Double(new.count)
      if new.count == mostSeeds, bestMean.map({ sweep.objective.isBetter(mean, than: $0) }) ?? true { bestMean = mean }
      if mostSeeds > 1, let bestMean { setting.append(MetricPoint(step: step, value: Float(bestMean))) }
    }
  }
}
