import EngineProtocol
package import TerminalUI
import TrainingMetrics

extension Action {
  package static let flips = Action("flips")
}

/// Sign flips and latent weights, with a row of charts for each binary layer.
package struct FlipsView: LiveView {
  package static let tab = ViewTab(
    .flips, key: .character("3"), help: "Sign flips and latent weights of each layer.")

  /// Whether only one layer is shown.
  package var isMaximised = false
  private var position = ListPosition.start

  package init() {}

  package var charts: ChartKinds { [.steps] }

  package func chartedQuantities(of lane: LaneModel, _ chart: ChartView) -> [ChartQuantity] {
    (lane.snapshot?.flips ?? []).map { .metric(MetricKey(.flipRate, layer: $0.layer)) }
  }

  package var maximiseTitle: String? { isMaximised ? "all layers" : nil }

  package mutating func scroll(_ move: ListMove, _ context: ViewContext) -> [ViewRequest]? {
    // The arrow keys select a hyperparameter.
    guard move != .up, move != .down else { return nil }
    position.scroll(move)
    return []
  }

  package mutating func take(_ mouse: MouseEvent, on place: Int?, _ context: ViewContext) -> [ViewRequest]? {
    switch mouse.kind {
    // The wheel zooms over a chart only.
    case .wheelUp, .wheelDown: []
    case .press, .drag, .release: nil
    }
  }

  package mutating func draw(in area: Rect, _ context: ViewContext, on painter: inout Painter) {
    let rows = LayerRows(context: context)
    let layers = rows.layers
    guard !layers.isEmpty else {
      let text =
        context.lanes.isEmpty
        ? "the lanes are not ready yet" : "no lane has binary or ternary weights, so nothing can flip"
      return painter.centered([painter.piece(text, .faint)], in: area.row(area.height / 2))
    }
    let fitting = isMaximised ? 1 : max(1, area.height / LayerRows.leastHeight)
    let first = position.firstRow(count: layers.count, height: min(fitting, layers.count))
    let shown = Array(layers[first..<min(layers.count, first + fitting)])
    for (place, layer) in zip(area.grid(count: shown.count, columns: 1), shown) {
      let isLast = layer == layers.last
      let more = isLast || place.maxY < area.maxY ? 0 : layers.count - first - shown.count
      rows.draw(layer, more: more, in: place, on: &painter)
    }
  }
}

// Draws the layers of a context.
private struct LayerRows {
  let context: ViewContext

  struct Layer: Hashable {
    var lane: Int
    var name: String
  }

  static let leastHeight = 7

  private var lanes: [LaneModel] { context.lanes }
  private var chart: ChartView { context.chart }

  // The layers of the lane in focus; of all lanes if all are in focus, or if the one in focus has none.
  var layers: [Layer] {
    let all = lanes.enumerated().flatMap { index, lane in
      lane.description.isBinary ? lane.description.binaryLayers.map { Layer(lane: index, name: $0) } : []
    }
    let own = all.filter { context.focus.contains($0.lane) }
    return own.isEmpty ? all : own
  }

  func draw(_ layer: Layer, more: Int, in area: Rect, on painter: inout Painter) {
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
    let trailing = more > 0 ? [painter.piece("\(more) more below", .faint)] : []
    if let flips, area.width >= 60 {
      let total = flips.weights > 0 ? Double(flips.totalFlips) / Double(flips.weights) : 0
      let counts = [
        "  \(NumberFormat.grouped(flips.weights)) weights",
        ", \(NumberFormat.abbreviated(Double(flips.totalFlips))) flips",
        ", \(NumberFormat.significant(total, digits: 3)) a weight",
      ]
      // Whole ones, and that there is more.
      let room = area.width - 6 - (more > 0 ? displayWidth(trailing) + 3 : 0)
      for count in counts where displayWidth(title) + displayWidth(count) <= room {
        title.append(painter.piece(count, .faint))
      }
    }
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
    var result = LineChart(series: ghosts + [series], yUnit: .percent)
    context.axis.apply(to: &result, lane: layer.lane, lane)
    result.yScale = chart.lossScale == .logarithmic ? .log : .linear
    result.yNote = chart.lossScale == .logarithmic ? "log" : ""
    result.markers = lane.markers(color: painter.theme[.warning], noteColor: painter.theme[.accent])
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
