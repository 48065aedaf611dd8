import EngineProtocol
package import TerminalUI
import TrainingMetrics

extension Action {
  package static let curves = Action("curves")
}

/// The curves of the marked trials in one chart.
package struct CurvesView: SweepView {
  package static let tab = ViewTab(
    .curves, key: .character("5"), help: "The curves of the marked trials, otherwise of the first ones of the table.")

  // What is drawn.
  private enum Quantity: Int, CaseIterable {
    case validationAccuracy, validationLoss, trainLoss

    var title: String {
      switch self {
      case .validationAccuracy: "validation accuracy"
      case .validationLoss: "validation loss"
      case .trainLoss: "training loss"
      }
    }

    func value(of epoch: TrialEpoch) -> Double? {
      switch self {
      case .validationAccuracy: epoch.validationAccuracy
      case .validationLoss: epoch.validationLoss
      case .trainLoss: epoch.trainLoss
      }
    }
  }

  private var quantity = Quantity.validationAccuracy
  private static let mostCurves = 12

  package init() {}

  package var turnTitle: String? { "quantity" }

  package mutating func turn(_ direction: Int, _ sweep: inout SweepModel) {
    let all = Quantity.allCases
    quantity = all[(quantity.rawValue + direction + all.count) % all.count]
  }

  package mutating func draw(in area: Rect, _ sweep: SweepModel, on painter: inout Painter) {
    guard !area.isEmpty else { return }
    let snapshot = sweep.snapshot
    let numbers = sweep.marked.isEmpty ? sweep.visible.prefix(5).map { $0 + 1 } : sweep.marked
    let chosen = numbers.compactMap { snapshot.trial($0) }
    let shown = Array(chosen.prefix(Self.mostCurves))
    let rows = area.height >= 12 ? min(shown.count + 3, area.height / 3) : 0
    drawList(shown, of: chosen.count, sweep, in: area.rows(area.height - rows, rows), on: &painter)
    let plot = area.inset(bottom: rows)
    let isBoxed = plot.height >= 8 && plot.width >= 40
    if isBoxed {
      painter.frame.border(
        plot, title: [painter.piece("\(snapshot.objective.lane) \(quantity.title)", .strong, .bold)],
        trailing: [painter.piece(sweep.marked.isEmpty ? "space in the table marks trials" : "marked trials", .faint)],
        style: painter.style(.border), glyphs: painter.glyphs)
    }
    var chart = LineChart(yUnit: quantity == .validationAccuracy ? .percent : .plain, xUnit: .epochs(stepsPerEpoch: 1))
    chart.steps = 0...Double(max(1, shown.map(\.plannedEpochs).max() ?? 1))
    chart.series = shown.enumerated().map { index, trial in
      let points = trial.curve.compactMap { epoch in
        quantity.value(of: epoch).map { MetricPoint(step: epoch.epoch, value: Float($0)) }
      }
      var series = ChartSeries(
        MetricSeries(points), color: painter.theme.laneColor(index), label: "trial \(trial.number)", showsBand: false,
        stroke: index < ThemeRole.lanes.count ? .solid : .dashed)
      series.letter = painter.letter(ofLane: index, count: shown.count)
      return series
    }
    chart.emptyText = "no curve yet"
    let inner = isBoxed ? plot.inset(left: 2, top: 1, right: 2, bottom: 1) : plot
    chart.render(into: &painter.frame, area: inner, theme: painter.theme, glyphs: painter.glyphs)
  }

  private func drawList(
    _ shown: [SweepSnapshot.Trial], of count: Int, _ sweep: SweepModel, in area: Rect, on painter: inout Painter
  ) {
    guard area.height >= 3 else { return }
    let more = count > shown.count ? "  the first \(shown.count) of \(count)" : ""
    painter.frame.border(
      area, title: [painter.piece("trials", .strong, .bold), painter.piece(more, .faint)],
      style: painter.style(.border),
      glyphs: painter.glyphs)
    let inner = area.inset(left: 2, top: 1, right: 2, bottom: 1)
    let snapshot = sweep.snapshot
    let table = Table(
      columns: [
        TableColumn("", priority: 9), TableColumn("trial", alignment: .trailing, priority: 8),
        TableColumn("values", priority: 6, minimumWidth: 12), TableColumn("seed", alignment: .trailing, priority: 4),
        TableColumn("epochs", alignment: .trailing, priority: 5),
        TableColumn(snapshot.objective.shortName, alignment: .trailing, priority: 7), TableColumn("state", priority: 3),
      ],
      rows: shown.enumerated().map { index, trial in
        let sign = trial.state.sign(painter.glyphs)
        let mark = painter.letter(ofLane: index, count: shown.count).map { String($0) } ?? painter.glyphs.legendStroke
        return [
          [StyledText(mark, painter.style(lane: index))], [painter.piece("\(trial.number)", .strong)],
          [painter.piece(snapshot.words(of: trial))], [painter.piece("\(trial.seed)", .faint)],
          [painter.piece("\(trial.epochs)/\(trial.plannedEpochs)", .faint)],
          [painter.piece(trial.objective.map(snapshot.objective.text(of:)) ?? Figure.unknown, .strong)],
          [painter.piece("\(sign.glyph) \(trial.state.rawValue)", sign.role)],
        ]
      }, selection: shown.firstIndex { $0.number == sweep.selected })
    table.render(into: &painter.frame, area: inner, theme: painter.theme, glyphs: painter.glyphs)
    for (row, trial) in shown.enumerated() where row + 1 < inner.height {
      painter.hits.add(inner.row(row + 1), .place(trial.number))
    }
  }
}
