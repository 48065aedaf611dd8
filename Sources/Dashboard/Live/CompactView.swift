import EngineProtocol
import TerminalUI
import TrainingMetrics

/// The lanes on a small screen: one line each with figures and a sparkline, and one chart for all if there are rows
/// left.
struct CompactView {
  let context: ViewContext
  /// Whether only the lane in focus is shown.
  var isMaximised = false

  private var lanes: [LaneModel] { context.lanes }
  private var focus: Focus { context.focus }
  private var chart: ChartView { context.chart }
  private var steps: ClosedRange<Double> { context.steps }
  private var ranges: SharedRanges { context.ranges }

  func draw(in area: Rect, on painter: inout Painter) {
    guard area.height > 0, !lanes.isEmpty else { return }
    let area = area.inset(left: area.width >= 36 ? 1 : 0, right: area.width >= 36 ? 1 : 0)
    // If there are more lanes than rows, starts at the one in focus.
    let rows = isMaximised ? 1 : area.height
    let first = if case .lane(let index) = focus { max(0, min(index, lanes.count - rows)) } else { 0 }
    let shown = isMaximised ? 1 : min(lanes.count, area.height)
    for row in 0..<shown { drawLane(first + row, in: area.row(row), on: &painter) }
    let rest = area.inset(top: shown)
    let charted = isMaximised ? first..<first + 1 : lanes.indices
    if rest.height >= 11, rest.width >= 16 {
      let parts = rest.grid(count: 2, columns: 1)
      draw(
        [("loss", lossChart(charted, painter), parts[0]), ("accuracy", accuracyChart(charted, painter), parts[1])],
        on: &painter)
    } else if rest.height >= 3, rest.width >= 16 {
      draw([("loss", lossChart(charted, painter), rest)], on: &painter)
    } else {
      for row in 0..<min(rest.height, shown) { drawLong(first + row, in: rest.row(row), on: &painter) }
    }
  }

  private func drawLane(_ index: Int, in row: Rect, on painter: inout Painter) {
    let lane = lanes[index]
    let sign = lane.sign(painter.glyphs)
    let nameWidth = row.width >= 36 ? 9 : row.width >= 14 ? 4 : max(1, row.width - 6)
    var x = row.x
    painter.frame.text(
      lane.name, x: x, y: row.y,
      style: painter.style(lane: index, focus == .lane(index) ? [.bold, .underline] : .bold), maxWidth: nameWidth)
    x += nameWidth + 1
    if case .failed(let reason) = lane.state {
      painter.text("\(painter.glyphs.failed) \(reason)", x: x, y: row.y, .bad, maxWidth: row.maxX - x)
      return
    }
    if row.width >= 36 {
      x += painter.text(sign.glyph + " ", x: x, y: row.y, sign.role)
      // Followed by a space, whatever its width.
      x += painter.text(Figure.left(lane.latest(.trainLoss).map(loss) ?? Figure.unknown, 6) + " ", x: x, y: row.y)
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

  // In six columns if that leaves at least two or three digits.
  private func loss(_ value: Float) -> String {
    let text = NumberFormat.significant(Double(value), digits: 3)
    return displayWidth(text) > 6 ? NumberFormat.significant(Double(value), digits: 2) : text
  }

  // A second line per lane, if there is no room for a chart: flips and speed.
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

  private func lossChart(_ shown: Range<Int>, _ painter: Painter) -> LineChart {
    var result = baseChart(shown, painter)
    result.series = shown.flatMap { index in
      lanes[index].ghosts(.trainLoss, of: painter.theme.laneColor(index), painter.theme, smoothing: chart.smoothing)
    }
    result.series += shown.map { index in
      var series = ChartSeries(
        lanes[index].series(.trainLoss), color: painter.theme.laneColor(index), label: lanes[index].name,
        smoothing: chart.smoothing, showsBand: shown.count < 3, hasFailed: lanes[index].hasFailed,
        lastStep: lanes[index].step)
      series.letter = painter.letter(ofLane: index, count: shown.count)
      series.clock = context.axis.clock(ofLane: index)
      return series
    }
    result.yScale = ranges.lossScale
    result.yNote = ranges.lossNote
    result.yRange = ranges.loss
    result.emptyText = "waiting for the first update"
    return result
  }

  private func accuracyChart(_ shown: Range<Int>, _ painter: Painter) -> LineChart {
    var result = baseChart(shown, painter)
    result.series = shown.flatMap { index in
      lanes[index].ghosts(.validationAccuracy, of: painter.theme.laneColor(index), painter.theme)
    }
    result.series += shown.map { index in
      var series = ChartSeries(
        lanes[index].series(.validationAccuracy), color: painter.theme.laneColor(index), label: lanes[index].name,
        showsBand: false, lastStep: lanes[index].step)
      series.letter = painter.letter(ofLane: index, count: shown.count)
      series.clock = context.axis.clock(ofLane: index)
      return series
    }
    result.yUnit = .percent
    result.yRange = ranges.accuracy ?? 0...1
    result.emptyText = "waiting for the first validation"
    return result
  }

  private func baseChart(_ shown: Range<Int>, _ painter: Painter) -> LineChart {
    var result = LineChart(cursorStep: chart.cursor, showsLegend: false)
    context.axis.apply(to: &result, lane: shown.lowerBound, lanes[shown.lowerBound])
    // The same change in all lanes gets one mark.
    var seen: Set<String> = []
    for index in shown where focus.contains(index) {
      for var marker in lanes[index].markers(color: painter.theme[.warning], noteColor: painter.theme[.accent])
      where seen.insert("\(marker.step) \(marker.label)").inserted {
        marker.clock = context.axis.clock(ofLane: index)
        result.markers.append(marker)
      }
    }
    return result
  }

  private func draw(_ charts: [(name: String, chart: LineChart, area: Rect)], on painter: inout Painter) {
    var stack = ChartStack(lane: nil)
    stack.entries = charts.map { .init(name: "compact.\($0.name)", chart: $0.chart, area: $0.area) }
    stack.draw(on: &painter)
  }
}
