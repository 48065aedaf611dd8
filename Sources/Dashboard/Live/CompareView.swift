import EngineProtocol
package import TerminalUI
import TrainingMetrics

extension Action {
  package static let compare = Action("compare")
}

/// Loss and accuracy of all lanes in one chart each, with their figures side by side below.
package struct CompareView: LiveView {
  package static let tab = ViewTab(
    .compare, key: .character("2"), help: "Loss and accuracy of all lanes in one chart each.", smallestHeight: 8)

  fileprivate enum Part: Hashable { case loss, accuracy }

  // The only chart shown; nil if both are shown with the figures.
  private var only: Part?

  package init() {}

  package var charts: ChartKinds { [.steps, .losses] }

  package var isMaximised: Bool {
    get { only != nil }
    set { only = newValue ? .loss : nil }
  }

  package mutating func maximise() {
    only =
      switch only {
      case nil: .loss
      case .loss: .accuracy
      case .accuracy: nil
      }
  }

  package var maximiseTitle: String? {
    switch only {
    case nil: nil
    case .loss: "accuracy"
    case .accuracy: "both charts"
    }
  }

  package mutating func draw(in area: Rect, _ context: ViewContext, on painter: inout Painter) {
    ComparedCharts(context: context).draw(in: area, only: only, on: &painter)
  }
}

// Draws the charts of a context.
private struct ComparedCharts {
  let context: ViewContext
  var lanes: [LaneModel] { context.lanes }
  var chart: ChartView { context.chart }
  var ranges: SharedRanges { context.ranges }

  func draw(in area: Rect, only: CompareView.Part?, on painter: inout Painter) {
    guard area.height > 0, !lanes.isEmpty else { return }
    if let only {
      let area = area.inset(left: 1, right: 1)
      return only == .loss ? drawLoss(in: area, on: &painter) : drawAccuracy(in: area, on: &painter)
    }
    let tableRows = area.height >= lanes.count + 9 ? lanes.count + 2 : 0
    let charts = area.inset(left: 1, right: 1, bottom: tableRows)
    // Flat charts show little, so a low screen has them side by side.
    if area.width >= 110 || (area.width >= 72 && area.height < 26) {
      let columns = charts.columns(2, spacing: 2)
      drawLoss(in: columns[0], on: &painter)
      drawAccuracy(in: columns[1], on: &painter)
    } else if charts.height < 10 {
      drawLoss(in: charts, on: &painter)
    } else {
      let parts = charts.grid(count: 2, columns: 1)
      drawLoss(in: parts[0], on: &painter)
      drawAccuracy(in: parts[1], on: &painter)
    }
    if tableRows > 0, !painter.isChartsOnly {
      let table = area.rows(area.height - tableRows, tableRows - 1).inset(left: 2, right: 2)
      LaneTable(lanes: lanes, focus: context.focus).draw(in: table, on: &painter)
    }
  }

  private func drawLoss(in area: Rect, on painter: inout Painter) {
    var result = baseChart(painter)
    for (index, lane) in lanes.enumerated() {
      result.series += lane.ghosts(.validationLoss, of: painter.theme.laneColor(index), painter.theme)
    }
    for (index, lane) in lanes.enumerated() {
      let color = painter.theme.laneColor(index)
      result.series.append(
        ChartSeries(
          lane.series(.trainLoss), color: painter.theme.dimmed(color, by: 0.35), label: "",
          smoothing: chart.smoothing, showsBand: false, stroke: .dashed, hasFailed: lane.hasFailed))
    }
    for (index, lane) in lanes.enumerated() {
      result.series.append(line(lane, .validationLoss, index, painter))
    }
    result.yScale = ranges.lossScale
    result.yNote = ranges.lossNote
    result.yRange = ranges.loss
    result.emptyText = "waiting for the first update"
    draw(
      result, title: ranges.isLogarithmic ? "loss, log scale" : "loss",
      note: "dashed: training, solid: validation" + ghostNote(area), name: "loss", in: area,
      on: &painter)
  }

  private func drawAccuracy(in area: Rect, on painter: inout Painter) {
    var result = baseChart(painter)
    result.series = lanes.enumerated().flatMap { index, lane in
      lane.ghosts(.validationAccuracy, of: painter.theme.laneColor(index), painter.theme)
    }
    result.series += lanes.enumerated().map { index, lane in line(lane, .validationAccuracy, index, painter) }
    result.yUnit = .percent
    result.yRange = ranges.accuracy ?? 0...1
    result.emptyText = "waiting for the first validation"
    draw(
      result, title: "accuracy", note: "validation" + ghostNote(area), name: "accuracy", in: area, on: &painter)
  }

  private func line(_ lane: LaneModel, _ metric: Metric, _ index: Int, _ painter: Painter) -> ChartSeries {
    let color = painter.theme.laneColor(index)
    let name = truncated(lane.name, width: 16)
    var series = ChartSeries(
      lane.series(metric), color: color, label: name, showsBand: false, lastStep: lane.step)
    series.letter = painter.letter(ofLane: index, count: lanes.count)
    return series
  }

  private func ghostNote(_ area: Rect) -> String {
    lanes.contains { !$0.ghosts.isEmpty } && area.width >= 72 ? ", dots: before a rewind" : ""
  }

  private func draw(
    _ chart: LineChart, title: String, note: String, name: String, in area: Rect, on painter: inout Painter
  ) {
    if !painter.isChartsOnly {
      painter.frame.border(
        area, title: [painter.piece(title, .strong)], trailing: [painter.piece(note, .faint)],
        style: painter.style(.border), glyphs: painter.glyphs)
    }
    var stack = ChartStack(lane: nil)
    stack.entries = [
      .init(name: "compare.\(name)", chart: chart, area: area.inset(left: 2, top: 1, right: 2, bottom: 1))
    ]
    stack.draw(on: &painter)
  }

  private func baseChart(_ painter: Painter) -> LineChart {
    var result = LineChart(
      steps: context.steps, xUnit: lanes[0].stepUnit(chart.axis), cursorStep: chart.cursor, showsLegend: true)
    // Marks have the colour of their lane; the same change in all lanes gets one mark.
    var seen: Set<String> = []
    for (index, lane) in lanes.enumerated() {
      for marker in lane.markers(color: painter.theme.laneColor(index))
      where seen.insert("\(marker.step) \(marker.label)").inserted {
        result.markers.append(marker)
      }
    }
    return result
  }
}
