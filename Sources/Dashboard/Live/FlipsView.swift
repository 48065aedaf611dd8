package import EngineProtocol
package import TerminalUI
import TrainingMetrics

extension Action {
  package static let flips = Action("flips")
}

/// Sign flips and latent weights, with a row of charts for each binary layer.
package struct FlipsView: LiveView {
  package static let tab = ViewTab(
    .flips, key: .character("3"), help: "Sign flips of each layer over time, and latent weights.")

  /// Whether only one layer is shown.
  package var isMaximised = false
  private var position = ListPosition.start
  // The flips of the newest epoch, by lane and layer.
  private var epochs: [String: [String: LayerDiagnostics.EpochFlips]] = [:]
  // The weights of the layer that is shown alone, with the last request for them.
  private var weights: LayerWeights?
  private var asked: (request: WeightsRequest, step: Int)?

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
    return refresh(context)
  }

  package mutating func take(_ mouse: MouseEvent, on place: Int?, _ context: ViewContext) -> [ViewRequest]? {
    switch mouse.kind {
    // The wheel zooms over a chart only.
    case .wheelUp, .wheelDown: []
    case .press, .drag, .release: nil
    }
  }

  package mutating func take(_ event: EngineEvent) {
    switch event {
    case .started: self = FlipsView()
    case .layers(let report):
      for layer in report.diagnostics ?? [] {
        epochs[report.lane, default: [:]][layer.name] = layer.weights?.epochFlips
      }
    case .branched(let branch): epochs[branch.lane] = nil
    case .weightsRead(_, let weights): if weights.request == asked?.request { self.weights = weights }
    default: break
    }
  }

  // Where the flips of the layer are that is shown alone: once an epoch.
  package mutating func refresh(_ context: ViewContext) -> [ViewRequest] {
    let layers = LayerRows(context: context, epochs: epochs, weights: nil).layers
    guard isMaximised, context.canAsk, !layers.isEmpty else { return [] }
    let alone = layers[position.firstRow(count: layers.count, height: 1)]
    let lane = context.lanes[alone.lane]
    let request = WeightsRequest(lane: lane.name, layer: alone.name, unitCount: 0)
    let step = lane.reports.last?.step ?? 0
    if let asked, asked.request == request, asked.step == step { return [] }
    asked = (request, step)
    return [.send(.readWeights(request))]
  }

  package mutating func draw(in area: Rect, _ context: ViewContext, on painter: inout Painter) {
    let rows = LayerRows(
      context: context, epochs: epochs, weights: weights?.request == asked?.request ? weights : nil)
    let layers = rows.layers
    guard !layers.isEmpty else {
      let text =
        context.lanes.isEmpty
        ? "the lanes are not ready yet" : "no lane has binary or ternary weights, so nothing can flip"
      return painter.centered([painter.piece(text, .faint)], in: area.row(area.height / 2))
    }
    var area = area
    if !isMaximised, area.height >= 13 {
      let map = rows.heatMap
      let height = min(map.rows.count + 2, area.height - LayerRows.leastHeight, max(5, area.height / 3))
      if map.range != nil, height >= 3 {
        if !painter.isChartsOnly { map.draw(in: area.rows(0, height), on: &painter) }
        area = area.inset(top: height)
      }
    }
    let fitting = isMaximised ? 1 : max(1, area.height / LayerRows.leastHeight)
    let first = position.firstRow(count: layers.count, height: min(fitting, layers.count))
    let shown = Array(layers[first..<min(layers.count, first + fitting)])
    if isMaximised, area.height >= 14, area.width >= 76, let layer = shown.first {
      return rows.drawAlone(layer, more: layers.count - first - 1, in: area, on: &painter)
    }
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
  let epochs: [String: [String: LayerDiagnostics.EpochFlips]]
  let weights: LayerWeights?

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

  var heatMap: FlipHeatMap {
    FlipHeatMap(
      rows: layers.map { layer in
        let lane = lanes[layer.lane]
        return FlipHeatMap.Row(
          lane: layer.lane, laneName: lane.name, name: layer.name, rates: lane.series(.flipRate, layer: layer.name),
          flips: lane.snapshot?.flips.first { $0.layer == layer.name }, epoch: epochs[lane.name]?[layer.name])
      }, steps: context.steps, cursor: chart.cursor)
  }

  // One layer: its rate above the learning rate, its counts, and its most restless weights.
  func drawAlone(_ layer: Layer, more: Int, in area: Rect, on painter: inout Painter) {
    let lane = lanes[layer.lane]
    let flips = lane.snapshot?.flips.first { $0.layer == layer.name }
    if !painter.isChartsOnly { drawBorder(layer, flips, more: more, in: area, on: &painter) }
    let inner = area.inset(left: 2, top: 1, right: 2, bottom: 1)
    let columns = inner.columns([.weighted(3), .weighted(2)], spacing: 3)
    let left = columns[0].rows([.weighted(3), .weighted(2)])
    drawRate(layer, lane, learningRate: left[1], in: left[0], on: &painter)
    if painter.isChartsOnly { return }
    let upper = max(4, min(10, inner.height / 4))
    let parts = columns[1].columns(2, spacing: 2).map { $0.rows(0, upper) }
    drawCounts(flips, layer.lane, in: parts[0], on: &painter)
    drawLatent(layer, lane, in: parts[1], on: &painter)
    let own = weights.flatMap { $0.weights.lane == lane.name && $0.layer.name == layer.name ? $0 : nil }
    RestlessPanel(
      epoch: epochs[lane.name]?[layer.name], weights: own, color: painter.calmColor(lane: layer.lane)
    ).draw(in: columns[1].inset(top: upper + 1), on: &painter)
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

  private func drawRate(
    _ layer: Layer, _ lane: LaneModel, learningRate: Rect? = nil, in area: Rect, on painter: inout Painter
  ) {
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
    if let learningRate {
      if !painter.isChartsOnly {
        painter.line(
          [
            painter.piece("learning rate ", .faint),
            painter.piece(lane.latest(.learningRate).map { Figure.rounded(Double($0), digits: 3) } ?? Figure.unknown),
          ], in: learningRate.row(0))
      }
      var rates = LineChart(series: [ChartSeries(lane.series(.learningRate), color: color)])
      context.axis.apply(to: &rates, lane: layer.lane, lane)
      rates.markers = result.markers
      rates.cursorStep = chart.cursor
      rates.showsLegend = false
      stack.entries.append(
        .init(name: "rate.\(lane.name).\(layer.name)", chart: rates, area: learningRate.inset(top: 1)))
    }
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
    // Bop has a threshold in place of latent weights.
    let isMoving = lane.value(of: .flipThreshold) != nil
    painter.text(
      isMoving ? "margins, flip at 1" : "latent weights", x: area.x, y: area.y, .faint, maxWidth: area.width)
    guard let snapshot = lane.snapshot, let place = snapshot.flips.firstIndex(where: { $0.layer == layer.name }),
      snapshot.latentWeights.indices.contains(place)
    else { return }
    guard !isMoving || snapshot.latentWeights[place].upperBound == 2 else {
      painter.text("not recorded", x: area.x, y: area.y + 1, .faint, maxWidth: area.width)
      return
    }
    HistogramChart(snapshot.latentWeights[place], color: painter.calmColor(lane: layer.lane)).render(
      into: &painter.frame, area: area.inset(top: 1), theme: painter.theme, glyphs: painter.glyphs)
  }
}
