import EngineProtocol
import TerminalUI
import TrainingMetrics

/// The panel of one lane: curves, flips, figures.
struct LanePanel {
  let lane: LaneModel
  /// The lane's index, which determines its colour.
  let index: Int
  let isFocused: Bool
  let chart: ChartView
  /// The visible steps, the same for all lanes.
  let steps: ClosedRange<Double>
  /// The horizontal axis.
  let axis: ChartAxis
  /// The key that opens the checkpoints of a failed lane; nil if there are none.
  let checkpointKey: String?
  /// The value ranges, the same for all lanes.
  let ranges: SharedRanges
  /// All lanes, whose values the charts' ranges include.
  let lanes: [LaneModel]
  /// Whether only this lane is shown, with larger charts.
  var isMaximised = false

  /// Draws the panel into `area`.
  func draw(in area: Rect, on painter: inout Painter) {
    // There are no news of a lane that has ended.
    if painter.isChartsOnly, lane.state.hasEnded { return }
    painter.hits.add(area, .action(Invocation(.lane, lane.name)))
    if !painter.isChartsOnly { drawBorder(area, on: &painter) }
    let inner = area.inset(left: 2, top: 1, right: 2, bottom: 1)
    guard !inner.isEmpty else { return }
    var rest = inner
    if case .failed(let reason) = lane.state { rest = drawFailure(reason, in: inner, on: &painter) }
    // A loss has more to show than an accuracy.
    let sizes = chart.panels.map { $0.weight.map { 10 * $0 } ?? ($0.quantity == .loss ? 11 : 9) }
    let layout = LanePanelLayout(height: rest.height, sizes: sizes, isMaximised: isMaximised)
    var stack = ChartStack(lane: index)
    for (panel, place) in zip(chart.panels, layout.charts) {
      let quantity = panel.quantity
      if !painter.isChartsOnly { drawHeading(quantity, rest.row(place.heading), on: &painter) }
      stack.entries.append(
        .init(
          name: "\(lane.name).\(quantity.name)", chart: chart(of: quantity, painter),
          area: rest.rows(place.heading + 1, place.rows)))
    }
    if !painter.isChartsOnly { addBorders(layout, in: rest, on: &painter) }
    stack.draw(on: &painter)
    let details = rest.rows(layout.details, layout.detailRows)
    if !details.isEmpty {
      LaneDetails(lane: lane, index: index, steps: steps, axis: axis).draw(in: details, on: &painter)
    }
  }

  // The heading of a chart is its border to the one above.
  private func addBorders(_ layout: LanePanelLayout, in area: Rect, on painter: inout Painter) {
    let shown = layout.charts.prefix { $0.rows > 0 }
    let grid = PanelGrid(heights: shown.map(\.rows), widths: shown.map { _ in [area.width] })
    for (place, chart) in shown.enumerated().dropFirst() {
      painter.hits.add(area.row(chart.heading), .border(lane: index, .below(row: place - 1), grid))
    }
  }

  // MARK: Border

  private func drawBorder(_ area: Rect, on painter: inout Painter) {
    let sign = lane.sign(painter.glyphs)
    let glyphs = painter.glyphs
    let separator = painter.piece(" \(glyphs.horizontal)\(glyphs.horizontal) ", isFocused ? .focus : .border)
    let isNarrow = area.width < 30
    // The state follows the name, however long it is.
    let nameWidth = max(4, area.width - 9 - (isNarrow ? 1 : lane.signWidth(glyphs) + 2))
    let name = truncated(lane.name, width: nameWidth)
    var title = [StyledText(name, painter.style(lane: index, .bold))]
    let description = lane.description
    if let fork = description.fork {
      let origin = " \(glyphs.fork) \(fork.lane) @\(NumberFormat.grouped(fork.step))"
      if displayWidth(name + origin) + lane.signWidth(glyphs) + 14 <= area.width {
        title.append(painter.piece(origin, .faint))
      }
    }
    // Less important parts of the title are left out before the rest is cut.
    let parts = [description.method, description.network, description.precision].filter { !$0.isEmpty }
    var room = area.width - 8 - displayWidth(title) - lane.signWidth(glyphs) - 4
    for part in parts where part != lane.name {
      let width = displayWidth(part) + 4
      if width > room { break }
      room -= width
      title += [separator, painter.piece(part, .faint)]
    }
    let state =
      isNarrow
      ? [painter.piece(sign.glyph, sign.role)]
      : [painter.piece("\(sign.glyph) ", sign.role), painter.piece(sign.word, sign.role)]
    painter.frame.border(
      area, title: title, trailing: state, style: painter.style(isFocused ? .focus : .border), glyphs: glyphs)
  }

  // The reason at the top of the panel, in as many rows as needed, with the curves so far below.
  private func drawFailure(_ reason: String, in area: Rect, on painter: inout Painter) -> Rect {
    let lines = TextWrap.lines("\(painter.glyphs.failed) \(reason)", width: area.width)
    let count = min(lines.count, max(1, area.height / 3))
    for (row, line) in lines.prefix(count).enumerated() {
      painter.text(line, x: area.x, y: area.y + row, .bad, .bold, maxWidth: area.width)
    }
    guard let checkpointKey, area.height > count else { return area.inset(top: count) }
    let row = area.row(count)
    let offer = [painter.piece(checkpointKey, .accent, .bold), painter.piece(" checkpoints to rewind or fork", .text)]
    painter.frame.text(offer, x: row.x, y: row.y, maxWidth: row.width)
    painter.hits.add(row, .action(Invocation(.checkpoints, lane.name)))
    return area.inset(top: count + 1)
  }

  // MARK: Headings

  private func drawHeading(_ quantity: ChartQuantity, _ row: Rect, on painter: inout Painter) {
    switch quantity {
    case .loss: drawLossHeading(row, on: &painter)
    case .accuracy: drawAccuracyHeading(row, on: &painter)
    case .metric, .figure:
      let pieces = [
        painter.piece(quantity.title + " ", .faint),
        StyledText(quantity.text(value(of: quantity.series(of: lane))), painter.style(lane: index, .bold)),
      ]
      painter.line(
        pieces, trailing: cursorNote(row.width - displayWidth(pieces) - 2, painter) ?? [], in: row)
    }
  }

  private func drawLossHeading(_ row: Rect, on painter: inout Painter) {
    let train = value(.trainLoss)
    let validation = value(.validationLoss)
    var pieces = [painter.piece("loss ", .faint)]
    pieces.append(StyledText(Figure.left(Figure.value(train), 7), painter.style(lane: index, .bold)))
    pieces += [
      painter.piece(row.width < 44 ? " val " : "  validation ", .faint),
      painter.piece(Figure.left(Figure.value(validation), 7), .strong),
    ]
    let stroke = painter.glyphs.legendStroke
    var legend = [
      StyledText(stroke, painter.style(lane: index)), painter.piece(" train  ", .faint),
      painter.piece(stroke, .strong), painter.piece(" validation", .faint),
    ]
    if !lane.ghosts.isEmpty {
      let ghost = [
        StyledText(painter.glyphs.legendDots, painter.style(lane: index)),
        painter.piece(" before the rewind  ", .faint),
      ]
      if displayWidth(pieces) + 2 + displayWidth(ghost + legend) <= row.width { legend = ghost + legend }
    }
    painter.line(pieces, trailing: cursorNote(row.width - displayWidth(pieces) - 2, painter) ?? legend, in: row)
  }

  private func drawAccuracyHeading(_ row: Rect, on painter: inout Painter) {
    let isNarrow = row.width < 44
    var pieces = [
      painter.piece(isNarrow ? "acc  " : "accuracy ", .faint),
      StyledText(
        Figure.left(Figure.percent(value(.validationAccuracy)), 7), painter.style(lane: index, .bold)),
    ]
    if let best = lane.best {
      pieces += [
        painter.piece("  best ", .faint), painter.piece(Figure.percent(best.accuracy)),
        painter.piece(" @\(best.epoch)", .faint),
      ]
    }
    if let test = lane.testAccuracy {
      let result = [painter.piece("test ", .faint), painter.piece(Figure.percent(test), .good, .bold)]
      if isNarrow {
        pieces = Array(pieces.prefix(2)) + [painter.piece("  ", .faint)] + result
        painter.line(pieces, in: row)
      } else {
        painter.line(pieces, trailing: result, in: row)
      }
    } else if let latent = lane.reports.last?.latentValidationAccuracy, !isNarrow {
      let pair = [painter.piece("with latent weights ", .faint), painter.piece(Figure.percent(latent))]
      painter.line(pieces, trailing: pair, in: row)
    } else {
      painter.line(pieces, in: row)
    }
  }

  // The position of the charts' cursor, and how far the lane has come if that is less.
  private func cursorNote(_ room: Int, _ painter: Painter) -> [StyledText]? {
    guard let cursor = chart.cursor else { return nil }
    let place = painter.piece("@ \(NumberFormat.grouped(cursor))", .accent)
    guard cursor > lane.step else { return [place] }
    let words = "\(lane.state.hasEnded ? "ended" : "is") at \(NumberFormat.grouped(lane.step))"
    let note = [painter.piece(words + "  ", .warning), place]
    return displayWidth(note) <= room ? note : [painter.piece(words, .warning)]
  }

  // The value at the charts' cursor, or the newest one; nil behind the lane's end.
  private func value(_ metric: Metric) -> Double? {
    chart.cursor == nil ? lane.figure(metric) : value(of: lane.series(metric))
  }

  private func value(of series: MetricSeries) -> Double? {
    guard let cursor = chart.cursor else { return (series.last?.value).map(Double.init) }
    guard cursor <= lane.step else { return nil }
    let index = series.firstIndex(atOrAfter: cursor + 1) - 1
    return index >= 0 ? Double(series.points[index].value) : nil
  }

  // MARK: Charts

  private func chart(of quantity: ChartQuantity, _ painter: Painter) -> LineChart {
    switch quantity {
    case .loss: return lossChart(painter)
    case .accuracy: return accuracyChart(painter)
    case .metric, .figure:
      var result = baseChart(painter)
      result.series = quantity.lines(of: lane, painter.theme.laneColor(index), painter.theme, chart)
      result.references = lanes.enumerated().filter { $0.offset != index }.flatMap { index, lane in
        quantity.lines(of: lane, painter.theme.laneColor(index), painter.theme, chart).suffix(1)
      }
      quantity.setAxis(of: &result, chart)
      return result
    }
  }

  private func lossChart(_ painter: Painter) -> LineChart {
    var result = baseChart(painter)
    let color = painter.theme.laneColor(index)
    let strong = painter.theme[.strong]
    result.series =
      lane.ghosts(.trainLoss, of: color, painter.theme, smoothing: chart.smoothing)
      + lane.ghosts(.validationLoss, of: strong, painter.theme)
    result.series += [
      ChartSeries(
        lane.series(.trainLoss), color: color, smoothing: chart.smoothing, hasFailed: lane.hasFailed),
      ChartSeries(lane.series(.validationLoss), color: strong, showsBand: false, extreme: .least),
    ]
    result.yScale = ranges.lossScale
    result.yNote = ranges.lossNote
    result.yRange = ranges.loss
    result.emptyText = "waiting for the first update"
    return result
  }

  private func accuracyChart(_ painter: Painter) -> LineChart {
    var result = baseChart(painter)
    let color = painter.theme.laneColor(index)
    result.series = [
      ChartSeries(lane.series(.validationAccuracy), color: color, showsBand: false, extreme: .greatest)
    ]
    if lane.latentAccuracy.count > 0 {
      result.series.insert(
        ChartSeries(
          lane.latentAccuracy, color: painter.theme.dimmed(color, by: 0.45), showsBand: false,
          stroke: .dashed), at: 0)
    }
    let ghosts =
      lane.latentGhosts(of: color, painter.theme) + lane.ghosts(.validationAccuracy, of: color, painter.theme)
    result.series.insert(contentsOf: ghosts, at: 0)
    result.yUnit = .percent
    result.yRange = ranges.accuracy ?? 0...1
    result.emptyText = "waiting for the first validation"
    return result
  }

  private func baseChart(_ painter: Painter) -> LineChart {
    var result = LineChart(
      markers: lane.markers(color: painter.theme[.warning], noteColor: painter.theme[.accent]),
      cursorStep: chart.cursor, showsLegend: false)
    axis.apply(to: &result, lane: index, lane)
    if Double(lane.step) < steps.lowerBound {
      let end = "\(lane.state.hasEnded ? "ended" : "is") at step \(NumberFormat.grouped(lane.step))"
      result.emptyWindowTexts = ["no points in this window: the lane \(end)", end] + result.emptyWindowTexts
    }
    return result
  }
}
