import EngineProtocol
package import TerminalUI
import TrainingMetrics

extension Action {
  package static let compare = Action("compare")
}

/// The chosen charts, each with all lanes, by default loss and accuracy, with the lanes' figures side by side below.
package struct CompareView: LiveView {
  package static let tab = ViewTab(
    .compare, key: .character("2"), help: "Charts of all lanes together: loss, accuracy, or those chosen by :charts.",
    smallestHeight: 8)

  // The index of the only chart shown; nil if all are shown with the figures.
  private var only: Int?
  // The titles of the charts as last drawn.
  private var titles = ChartPanel.standard.map(\.quantity.title)

  package init() {}

  package var charts: ChartKinds { [.steps, .losses] }

  package func chartedQuantities(of lane: LaneModel, _ chart: ChartView) -> [ChartQuantity] {
    let all = chart.panels.map(\.quantity)
    return only.flatMap { all.indices.contains($0) ? [all[$0]] : nil } ?? all
  }

  package var isMaximised: Bool {
    get { only != nil }
    set { only = newValue ? 0 : nil }
  }

  package mutating func maximise() {
    let next = only.map { $0 + 1 } ?? 0
    only = next < titles.count ? next : nil
  }

  package var maximiseTitle: String? {
    guard let only else { return nil }
    return only + 1 < titles.count ? titles[only + 1] : titles.count == 2 ? "both charts" : "all charts"
  }

  package mutating func draw(in area: Rect, _ context: ViewContext, on painter: inout Painter) {
    titles = context.chart.panels.map(\.quantity.title)
    if let place = only, place >= titles.count { only = nil }
    ComparedCharts(context: context).draw(in: area, only: only, on: &painter)
  }
}

// Draws the charts of a context.
private struct ComparedCharts {
  let context: ViewContext
  var lanes: [LaneModel] { context.lanes }
  var chart: ChartView { context.chart }
  var ranges: SharedRanges { context.ranges }

  func draw(in area: Rect, only: Int?, on painter: inout Painter) {
    guard area.height > 0, !lanes.isEmpty else { return }
    if let only {
      return draw(chart.panels[only].quantity, in: area.inset(left: 1, right: 1), on: &painter)
    }
    let tableRows = area.height >= lanes.count + 9 ? lanes.count + 2 : 0
    let charts = area.inset(left: 1, right: 1, bottom: tableRows)
    let rows = places(in: charts, of: area)
    for (panel, place) in zip(chart.panels, rows.joined()) { draw(panel.quantity, in: place, on: &painter) }
    if !painter.isChartsOnly { addBorders(of: rows, on: &painter) }
    if tableRows > 0, !painter.isChartsOnly {
      let table = area.rows(area.height - tableRows, tableRows - 1).inset(left: 2, right: 2)
      LaneTable(lanes: lanes, focus: context.focus).draw(in: table, on: &painter)
    }
  }

  // Flat charts show little, so wide or low screens have two charts in a row, and very wide ones three.
  private func places(in charts: Rect, of area: Rect) -> [[Rect]] {
    let sizes = chart.panels.map { Double($0.weight ?? 1) }
    let isWide = area.width >= 110 || (area.width >= 72 && area.height < 26)
    let columns = isWide ? min(sizes.count, area.width >= 190 ? 3 : 2) : 1
    // The first charts, if not all have five rows.
    let rowCount = max(1, min((sizes.count + columns - 1) / columns, charts.height / 5))
    let rows = (0..<rowCount).map { row in Array(sizes.dropFirst(row * columns).prefix(columns)) }
    let heights = charts.rows(rows.map { .weighted($0.max() ?? 1) })
    return zip(heights, rows).map { area, sizes in area.columns(sizes.map { .weighted($0) }, spacing: 2) }
  }

  // The frames of neighbours, and what is between them.
  private func addBorders(of rows: [[Rect]], on painter: inout Painter) {
    let grid = PanelGrid(heights: rows.map { $0.first?.height ?? 0 }, widths: rows.map { $0.map(\.width) })
    for (row, places) in rows.enumerated() {
      for (column, (left, right)) in zip(places, places.dropFirst()).enumerated() {
        let area = Rect(x: left.maxX - 1, y: left.y, width: right.x - left.maxX + 2, height: left.height)
        painter.hits.add(area, .border(lane: nil, .right(row: row, column: column), grid))
      }
    }
    for (row, (upper, lower)) in zip(rows, rows.dropFirst()).enumerated() {
      guard let first = upper.first, let last = upper.last, let next = lower.first else { continue }
      let area = Rect(x: first.x, y: first.maxY - 1, width: last.maxX - first.x, height: next.y - first.maxY + 2)
      painter.hits.add(area, .border(lane: nil, .below(row: row), grid))
    }
  }

  private func draw(_ quantity: ChartQuantity, in area: Rect, on painter: inout Painter) {
    switch quantity {
    case .loss: drawLoss(in: area, on: &painter)
    case .accuracy: drawAccuracy(in: area, on: &painter)
    case .metric, .figure:
      var result = baseChart(painter)
      for (index, lane) in lanes.enumerated() {
        var lines = quantity.lines(of: lane, painter.theme.laneColor(index), painter.theme, chart)
        for place in lines.indices {
          lines[place].showsBand = lines[place].showsBand && lanes.count < 3
          lines[place].clock = context.axis.clock(ofLane: index)
        }
        let own = lines.count - 1
        lines[own].label = truncated(lane.name, width: 16)
        lines[own].lastStep = lane.step
        lines[own].letter = painter.letter(ofLane: index, count: lanes.count)
        result.series += lines
      }
      quantity.setAxis(of: &result, chart)
      draw(result, title: quantity.title, note: "", name: quantity.name, in: area, on: &painter)
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
      result.series[result.series.count - 1].clock = context.axis.clock(ofLane: index)
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
    series.clock = context.axis.clock(ofLane: index)
    series.extreme = metric == .validationLoss ? .least : .greatest
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
    var result = LineChart(cursorStep: chart.cursor, showsLegend: true)
    let reference = context.focusedLane ?? 0
    context.axis.apply(to: &result, lane: reference, lanes[reference])
    // Marks have the colour of their lane; the same change in all lanes gets one mark.
    var seen: Set<String> = []
    for (index, lane) in lanes.enumerated() {
      for var marker in lane.markers(
        color: painter.theme.laneColor(index), noteColor: painter.theme.laneColor(index))
      where seen.insert("\(marker.step) \(marker.label)").inserted {
        marker.clock = context.axis.clock(ofLane: index)
        result.markers.append(marker)
      }
    }
    return result
  }
}
