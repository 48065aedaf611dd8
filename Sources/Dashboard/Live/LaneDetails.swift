import EngineProtocol
import TerminalUI
import TrainingMetrics

/// The lower part of a lane's panel: flips of binary weights, or gradient norm and speed of a float network.
struct LaneDetails {
  let lane: LaneModel
  let index: Int
  let steps: ClosedRange<Double>
  /// The horizontal axis.
  let axis: ChartAxis

  func draw(in area: Rect, on painter: inout Painter) {
    var body = area
    if area.height >= 7 {
      if !painter.isChartsOnly { drawFigures(in: area.row(area.height - 1), on: &painter) }
      body = area.inset(bottom: 2)
    }
    if !lane.description.binaryLayers.isEmpty {
      drawFlips(in: body, on: &painter)
    } else if body.height >= 5, body.width >= 60 {
      drawFloatCharts(in: body, on: &painter)
    } else {
      drawFloatRows(in: body, on: &painter)
    }
  }

  // MARK: Binary weights

  private func drawFlips(in area: Rect, on painter: inout Painter) {
    let count = area.width >= 80 ? 3 : 2
    let columns = area.columns(count, spacing: 3)
    FlipRates(lane: lane, index: index, steps: steps).draw(in: columns[0], on: &painter)
    if painter.isChartsOnly { return }
    drawFlipsPerWeight(in: columns[1], on: &painter)
    if count == 3 { drawLatentWeights(in: columns[2], on: &painter) }
  }

  private func drawFlipsPerWeight(in area: Rect, on painter: inout Painter) {
    painter.text(
      area.width >= 16 ? "flips per weight" : "flips/weight", x: area.x, y: area.y, .faint, maxWidth: area.width)
    let flips = FlipStatistics.total(lane.snapshot?.flips ?? [])
    let rows = area.inset(top: 1)
    guard flips.weights > 0 else { return }
    BarChart(flips.bars(rows: rows.height), color: painter.calmColor(lane: index), total: Double(flips.weights))
      .render(
        into: &painter.frame, area: rows, theme: painter.theme, glyphs: painter.glyphs, background: painter.ground)
  }

  private func drawLatentWeights(in area: Rect, on painter: inout Painter) {
    painter.text("latent weights", x: area.x, y: area.y, .faint, maxWidth: area.width)
    guard let histogram = Histogram.sum(lane.snapshot?.latentWeights ?? []) else { return }
    HistogramChart(histogram, color: painter.calmColor(lane: index)).render(
      into: &painter.frame, area: area.inset(top: 1), theme: painter.theme, glyphs: painter.glyphs,
      background: painter.ground)
  }

  // MARK: Float weights

  private static let floatMetrics: [(metric: Metric, title: String)] = [
    (.gradientNorm, "gradient norm"), (.imagesPerSecond, "images/s"), (.learningRate, "learning rate"),
  ]

  private func text(_ metric: Metric) -> String {
    guard let value = lane.latest(metric), metric != .imagesPerSecond || !lane.state.isHeld else {
      return Figure.unknown
    }
    switch metric {
    case .imagesPerSecond: return Figure.pace(Double(value))
    case .learningRate: return Figure.rounded(Double(value), digits: 3)
    // From batch to batch it differs in the first digit.
    default: return NumberFormat.significant(Double(value), digits: 2)
    }
  }

  private func drawFloatCharts(in area: Rect, on painter: inout Painter) {
    let columns = area.columns(area.width >= 80 ? 3 : 2, spacing: 3)
    for (column, (metric, title)) in zip(columns, Self.floatMetrics) {
      if !painter.isChartsOnly {
        painter.line(
          [painter.piece(title, .faint)], trailing: [painter.piece(text(metric))], in: column.row(0))
      }
      let color = painter.theme.laneColor(index)
      let smoothing = metric == .learningRate ? 0 : 0.5
      let ghosts = lane.ghosts(metric, of: color, painter.theme, smoothing: smoothing)
      let series = ChartSeries(lane.series(metric), color: color, smoothing: smoothing)
      var chart = LineChart(series: ghosts + [series], showsLegend: false)
      axis.apply(to: &chart, lane: index, lane)
      chart.emptyText = ""
      // Speed and rate are shown relative to zero, so that noise does not look like a change.
      let top = Double(lane.series(metric).summary.maximum)
      if metric != .gradientNorm, top.isFinite, top > 0 { chart.yRange = 0...top * 1.1 }
      painter.draw(chart, named: "\(lane.name).\(metric.rawValue)", in: column.inset(top: 1))
    }
  }

  private func drawFloatRows(in area: Rect, on painter: inout Painter) {
    var y = area.y
    for (metric, title) in Self.floatMetrics where y < area.maxY {
      let row = Rect(x: area.x, y: y, width: area.width, height: 1)
      if !painter.isChartsOnly {
        painter.text(title, x: row.x, y: y, .faint, maxWidth: 13)
        painter.frame.text(text(metric), endingAt: row.maxX, y: y, style: painter.style(.text), maxWidth: 9)
      }
      let line = row.inset(left: 15, right: 10)
      painter.sparkline(lane.series(metric), in: line, steps: steps, lane: index)
      y += 1
    }
    guard y < area.maxY, !painter.isChartsOnly else { return }
    let description = lane.description
    painter.line(
      [
        painter.piece("weights        ", .faint),
        painter.piece(NumberFormat.bytes(description.isBinary ? description.packedBytes : description.floatBytes)),
      ],
      trailing: [
        painter.piece(
          NumberFormat.abbreviated(Double(description.parameterCount))
            + (description.isBinary ? " packed" : " float32"),
          .faint)
      ],
      in: Rect(x: area.x, y: y, width: area.width, height: 1))
  }

  // MARK: Figures

  // The same figures in the last row of every lane's panel, as many as fit.
  private func drawFigures(in row: Rect, on painter: inout Painter) {
    let description = lane.description
    var figures: [[StyledText]] = []
    func add(_ label: String, _ value: String) {
      figures.append([painter.piece(label + " ", .faint), painter.piece(value)])
    }
    let size = NumberFormat.bytes(description.floatBytes)
    if description.isBinary {
      figures.append([
        painter.piece(NumberFormat.abbreviated(Double(description.parameterCount)) + " weights ", .faint),
        painter.piece("\(size) → \(NumberFormat.bytes(description.packedBytes)) "),
        painter.piece(Figure.ratio(Double(description.floatBytes), over: Double(description.packedBytes)), .good),
      ])
      add("gradient norm", Figure.right(text(.gradientNorm), 6))
    } else {
      add(NumberFormat.abbreviated(Double(description.parameterCount)) + " weights", size)
    }
    figures.append([
      painter.piece(Figure.right(text(.imagesPerSecond), 7)), painter.piece(" img/s", .faint),
    ])
    if let time = lane.millisecondsPerStep {
      figures.append([
        painter.piece(NumberFormat.significant(time, digits: 3)), painter.piece(" ms/step", .faint),
      ])
    }
    figures.append([
      painter.piece("step ", .faint), painter.piece(Figure.left(NumberFormat.grouped(lane.step), 7)),
    ])
    var pieces: [StyledText] = []
    for figure in figures where displayWidth(pieces) + displayWidth(figure) + 3 <= row.width {
      if !pieces.isEmpty { pieces.append(painter.piece("   ")) }
      pieces += figure
    }
    painter.line(pieces, in: row)
  }
}

/// The flip rate of each binary layer: name, sparkline, newest value.
struct FlipRates {
  let lane: LaneModel
  let index: Int
  let steps: ClosedRange<Double>

  func draw(in area: Rect, on painter: inout Painter) {
    if !painter.isChartsOnly {
      painter.text(
        area.width >= 16 ? "flips per update" : "flips/update", x: area.x, y: area.y, .faint, maxWidth: area.width)
    }
    let body = area.inset(top: 1)
    guard body.height > 0 else { return }
    let layers = lane.description.binaryLayers
    // If not every layer fits, the whole network comes first.
    let shown: [String?] =
      layers.count > body.height ? [String?.none] + layers.prefix(body.height - 1).map(Optional.some) : layers
    guard !shown.isEmpty else { return }
    let rowHeight = min(3, max(1, body.height / shown.count))
    let fullWidth = shown.map { displayWidth($0 ?? "all") }.max() ?? 0
    let isShort = fullWidth > body.width / 3
    let nameWidth = isShort ? 3 : fullWidth
    for (row, layer) in shown.enumerated() {
      let place = body.rows(row * rowHeight, rowHeight)
      guard !place.isEmpty else { break }
      let textRow = place.maxY - 1
      if !painter.isChartsOnly {
        drawWords(
          layer, isShort ? layer.map(Self.short) : layer, x: place.x, y: textRow, nameWidth, maxX: place.maxX,
          on: &painter)
      }
      let line = place.inset(left: nameWidth + 1, top: rowHeight == 3 ? 1 : 0, right: 9)
      let series = lane.series(.flipRate, layer: layer)
      // The first updates flip many times more than later ones, so the scale is the maximum of the last nine tenths.
      let first = series.firstIndex(atOrAfter: Int(steps.upperBound / 10))
      let top = series.summary(of: first..<series.count).maximum
      painter.sparkline(
        series, in: line, steps: steps, lane: index, cap: top.isFinite && top > 0 ? Double(top) : nil)
    }
  }

  private func drawWords(
    _ layer: String?, _ name: String?, x: Int, y: Int, _ nameWidth: Int, maxX: Int, on painter: inout Painter
  ) {
    painter.text(name ?? "all", x: x, y: y, .text, maxWidth: nameWidth)
    painter.frame.text(
      Figure.rate(rate(of: layer)), endingAt: maxX, y: y, style: painter.style(.text), maxWidth: 8)
  }

  // A layer's name in three columns: `h1` for “hidden 1”, `out` for “output”.
  private static func short(_ name: String) -> String {
    let number = String(name.reversed().prefix { $0.isNumber }.reversed())
    return number.isEmpty ? String(name.prefix(3)) : String(name.prefix(max(1, 3 - number.count))) + number
  }

  private func rate(of layer: String?) -> Double? {
    if let layer, let flips = lane.snapshot?.flips.first(where: { $0.layer == layer }) { return flips.flipRate }
    return (layer == nil ? lane.latest(.flipRate) : lane.series(.flipRate, layer: layer).last?.value).map(Double.init)
  }
}
