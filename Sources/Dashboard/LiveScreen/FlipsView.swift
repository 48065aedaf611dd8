import EngineProtocol
import TerminalUI
import TrainingMetrics

/// Sign flips and latent weights, a row of charts for each binary layer.
struct FlipsView {
  let lanes: [LaneModel]
  let focus: Focus
  let chart: ChartView
  let steps: ClosedRange<Double>
  let position: ListPosition
  /// Whether one layer has the screen alone.
  var isMaximised = false

  private struct Layer {
    var lane: Int
    var name: String
  }

  private static let leastHeight = 7

  func draw(in area: Rect, on painter: inout Painter) {
    let layers = shownLayers
    guard !layers.isEmpty else {
      let text =
        lanes.isEmpty ? "the lanes are not ready yet" : "no lane has binary or ternary weights: nothing can flip"
      painter.centered([painter.piece(text, .faint)], in: area.row(area.height / 2))
      return
    }
    let fitting = isMaximised ? 1 : max(1, area.height / Self.leastHeight)
    let first = position.firstRow(count: layers.count, height: min(fitting, layers.count))
    let shown = Array(layers[first..<min(layers.count, first + fitting)])
    painter.listHeight = min(fitting, layers.count)
    painter.listCount = layers.count
    for (place, layer) in zip(area.grid(count: shown.count, columns: 1), shown) {
      let isLast = layer.name == layers.last?.name && layer.lane == layers.last?.lane
      let more = isLast || place.maxY < area.maxY ? 0 : layers.count - first - shown.count
      draw(layer, more: more, in: place, on: &painter)
    }
  }

  // The focused lane's layers; of all lanes where all are in focus, or where the one in focus has none.
  private var shownLayers: [Layer] {
    let all = lanes.enumerated().flatMap { index, lane in
      lane.description.isBinary ? lane.description.binaryLayers.map { Layer(lane: index, name: $0) } : []
    }
    let own = all.filter { focus.contains($0.lane) }
    return own.isEmpty ? all : own
  }

  private func draw(_ layer: Layer, more: Int, in area: Rect, on painter: inout Painter) {
    let lane = lanes[layer.lane]
    let flips = lane.snapshot?.flips.first { $0.layer == layer.name }
    if !painter.isChartsOnly { drawBorder(layer, flips, more: more, in: area, on: &painter) }
    let inner = area.inset(left: 2, top: 1, right: 2, bottom: 1)
    let columns =
      inner.width >= 100
      ? inner.columns([.weighted(2), .weighted(1), .weighted(1)], spacing: 3)
      : inner.width >= 56 ? inner.columns([.weighted(1), .weighted(1)], spacing: 3) : [inner]
    drawRate(layer, lane, in: columns[0], on: &painter)
    if painter.isChartsOnly { return }
    if columns.count > 1 { drawCounts(flips, layer.lane, in: columns[1], on: &painter) }
    if columns.count > 2 { drawLatent(layer, lane, in: columns[2], on: &painter) }
  }

  private func drawBorder(
    _ layer: Layer, _ flips: FlipStatistics?, more: Int, in area: Rect, on painter: inout Painter
  ) {
    let lane = lanes[layer.lane]
    var title = [
      StyledText(lane.name, painter.style(lane: layer.lane, .bold)), painter.piece(" \(layer.name)", .strong),
    ]
    if let flips, area.width >= 60 {
      let total = flips.weights > 0 ? Double(flips.totalFlips) / Double(flips.weights) : 0
      title.append(
        painter.piece(
          "  \(NumberFormat.grouped(flips.weights)) weights, \(NumberFormat.abbreviated(Double(flips.totalFlips))) flips, "
            + "\(NumberFormat.significant(total, digits: 3)) a weight", .faint))
    }
    let trailing = more > 0 ? [painter.piece("\(more) more below", .faint)] : []
    painter.frame.border(
      area, title: title, trailing: trailing, style: painter.style(.border), glyphs: painter.glyphs)
  }

  private func drawRate(_ layer: Layer, _ lane: LaneModel, in area: Rect, on painter: inout Painter) {
    let rate = lane.snapshot?.flips.first { $0.layer == layer.name }?.flipRate
    if !painter.isChartsOnly {
      painter.line(
        [painter.piece("flips per update ", .faint), painter.piece(Figure.rate(rate))], in: area.row(0))
    }
    let color = painter.theme.laneColor(layer.lane)
    let series = ChartSeries(lane.series(.flipRate, layer: layer.name), color: color, smoothing: chart.smoothing)
    let ghosts = lane.ghosts(
      .flipRate, layer: layer.name, of: color, painter.theme, smoothing: chart.smoothing)
    var result = LineChart(series: ghosts + [series], steps: steps, yUnit: .percent, xUnit: lane.stepUnit(chart.axis))
    result.yScale = chart.lossScale == .logarithmic ? .log : .linear
    result.yNote = chart.lossScale == .logarithmic ? "log" : ""
    result.markers = lane.markers(color: painter.theme[.warning])
    result.cursorStep = chart.cursor
    result.showsLegend = false
    result.emptyText = "waiting for the first update"
    var stack = ChartStack(lane: layer.lane)
    stack.entries = [
      .init(name: "flips.\(lane.name).\(layer.name)", chart: result, area: area.inset(top: 1))
    ]
    stack.draw(on: &painter)
  }

  private func drawCounts(_ flips: FlipStatistics?, _ lane: Int, in area: Rect, on painter: inout Painter) {
    painter.text("flips per weight", x: area.x, y: area.y, .faint, maxWidth: area.width)
    guard let flips, flips.weights > 0 else { return }
    let rows = area.inset(top: 1)
    BarChart(flips.bars(rows: rows.height), color: painter.calmColor(lane: lane), total: Double(flips.weights)).render(
      into: &painter.frame, area: rows, theme: painter.theme, glyphs: painter.glyphs)
  }

  private func drawLatent(_ layer: Layer, _ lane: LaneModel, in area: Rect, on painter: inout Painter) {
    painter.text("latent weights", x: area.x, y: area.y, .faint, maxWidth: area.width)
    guard let snapshot = lane.snapshot, let place = snapshot.flips.firstIndex(where: { $0.layer == layer.name }),
      snapshot.latentWeights.indices.contains(place)
    else { return }
    HistogramChart(snapshot.latentWeights[place], color: painter.calmColor(lane: layer.lane)).render(
      into: &painter.frame, area: area.inset(top: 1), theme: painter.theme, glyphs: painter.glyphs)
  }
}
