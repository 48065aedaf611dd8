import EngineProtocol
import TerminalUI
import TrainingMetrics

/// The lanes on a small screen: a line each with its figures and a sparkline, and one chart for all where rows are left.
struct CompactView {
  let lanes: [LaneModel]
  let focus: Focus
  let chart: ChartView
  let steps: ClosedRange<Double>
  let ranges: SharedRanges

  func draw(in area: Rect, on painter: inout Painter) {
    guard area.height > 0, !lanes.isEmpty else { return }
    let area = area.inset(left: area.width >= 36 ? 1 : 0, right: area.width >= 36 ? 1 : 0)
    // With more lanes than rows, those from the one in focus on.
    let first = if case .lane(let index) = focus { max(0, min(index, lanes.count - area.height)) } else { 0 }
    let shown = min(lanes.count, area.height)
    for row in 0..<shown { drawLane(first + row, in: area.row(row), on: &painter) }
    let rest = area.inset(top: shown)
    if rest.height >= 11, rest.width >= 16 {
      let parts = rest.grid(count: 2, columns: 1)
      draw([("loss", lossChart(painter), parts[0]), ("accuracy", accuracyChart(painter), parts[1])], on: &painter)
    } else if rest.height >= 3, rest.width >= 16 {
      draw([("loss", lossChart(painter), rest)], on: &painter)
    } else {
      for row in 0..<min(rest.height, shown) { drawLong(first + row, in: rest.row(row), on: &painter) }
    }
  }

  private func drawLane(_ index: Int, in row: Rect, on painter: inout Painter) {
    let lane = lanes[index]
    let sign = lane.sign(painter.glyphs)
    let nameWidth = row.width >= 36 ? 9 : row.width >= 14 ? 4 : max(1, row.width - 6)
    var x = row.x
    x += painter.frame.text(
      Figure.left(lane.name, nameWidth), x: x, y: row.y,
      style: painter.style(lane: index, focus == .lane(index) ? [.bold, .underline] : .bold), maxWidth: nameWidth)
    x += 1
    if case .failed(let reason) = lane.state {
      painter.text("\(painter.glyphs.failed) \(reason)", x: x, y: row.y, .bad, maxWidth: row.maxX - x)
      return
    }
    if row.width >= 36 {
      x += painter.text(sign.glyph + " ", x: x, y: row.y, sign.role)
      let loss = lane.latest(.trainLoss).map { NumberFormat.significant(Double($0), digits: 3) } ?? Figure.unknown
      x += painter.text(Figure.left(loss, 6), x: x, y: row.y)
    }
    let accuracy = lane.testAccuracy ?? lane.latest(.validationAccuracy).map(Double.init)
    let text = accuracy.map { NumberFormat.fixed($0 * 100, decimals: 1) } ?? Figure.unknown
    x += painter.text(
      Figure.right(text, 4) + (row.width >= 36 ? " %" : ""), x: x, y: row.y,
      lane.testAccuracy == nil ? .strong : .good, maxWidth: row.maxX - x)
    let line = Rect(x: x + 1, y: row.y, width: row.maxX - x - 1, height: 1)
    guard line.width >= 3 else { return }
    painter.sparkline(lane.series(.trainLoss), in: line, steps: steps, lane: index)
  }

  // A second line a lane where there is no room for a chart: flips and speed.
  private func drawLong(_ index: Int, in row: Rect, on painter: inout Painter) {
    let lane = lanes[index]
    var pieces = [StyledText("  ", painter.style(.faint))]
    if let rate = lane.latest(.flipRate) {
      pieces += [painter.piece("flips ", .faint), painter.piece(Figure.rate(Double(rate)))]
    } else if let best = lane.best {
      pieces += [painter.piece("best ", .faint), painter.piece("\(Figure.percent(best.accuracy)) @\(best.epoch)")]
    }
    painter.frame.text(pieces, x: row.x, y: row.y, maxWidth: row.width)
  }

  private func lossChart(_ painter: Painter) -> LineChart {
    var result = baseChart(painter)
    result.series = lanes.enumerated().flatMap { index, lane in
      lane.ghosts(.trainLoss, of: painter.theme.laneColor(index), painter.theme, smoothing: chart.smoothing)
    }
    result.series += lanes.enumerated().map { index, lane in
      ChartSeries(
        lane.series(.trainLoss), color: painter.theme.laneColor(index), label: lane.name, smoothing: chart.smoothing,
        showsBand: lanes.count < 3, hasFailed: lane.hasFailed)
    }
    result.yScale = chart.isLogarithmic ? .log : .linear
    result.yRange = ranges.loss
    result.emptyText = "waiting for the first update"
    return result
  }

  private func accuracyChart(_ painter: Painter) -> LineChart {
    var result = baseChart(painter)
    result.series = lanes.enumerated().flatMap { index, lane in
      lane.ghosts(.validationAccuracy, of: painter.theme.laneColor(index), painter.theme)
    }
    result.series += lanes.enumerated().map { index, lane in
      ChartSeries(
        lane.series(.validationAccuracy), color: painter.theme.laneColor(index), label: lane.name, showsBand: false)
    }
    result.yUnit = .percent
    result.yRange = ranges.accuracy ?? 0...1
    result.emptyText = "waiting for the first validation"
    return result
  }

  private func baseChart(_ painter: Painter) -> LineChart {
    var result = LineChart(
      steps: steps, xUnit: lanes[0].stepUnit(chart.axis), cursorStep: chart.cursor, showsLegend: false)
    for (index, lane) in lanes.enumerated() where focus.contains(index) {
      result.markers += lane.markers(color: painter.theme[.warning])
    }
    return result
  }

  private func draw(_ charts: [(name: String, chart: LineChart, area: Rect)], on painter: inout Painter) {
    var stack = ChartStack(lane: nil)
    stack.entries = charts.map { .init(name: "compact.\($0.name)", chart: $0.chart, area: $0.area) }
    stack.draw(on: &painter)
  }
}
