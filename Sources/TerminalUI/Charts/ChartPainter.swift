import TrainingMetrics

/// Draws one chart once: lays it out, then paints from the back to the front.
struct ChartPainter {
  let chart: LineChart
  let area: Rect
  let theme: Theme
  let glyphs: GlyphSet

  /// What the plot shows and where.
  private(set) var layout: ChartLayout
  /// The values on the scale's own axis.
  private(set) var projected: ClosedRange<Double>
  private(set) var traces: [ChartTrace] = []
  // The traces of the chart's references.
  private var references: [ChartTrace] = []
  private(set) var yTicks: AxisTicks
  /// Rows of the legend above and the horizontal axis below.
  let legendRows: Int
  let axisRows: Int
  private let isEmpty: Bool

  init(chart: LineChart, area: Rect, theme: Theme, glyphs: GlyphSet) {
    self.chart = chart
    self.area = area
    self.theme = theme
    self.glyphs = glyphs
    legendRows = chart.showsLegend && area.height >= 4 ? 1 : 0
    axisRows = area.height >= 8 ? 2 : area.height >= 5 ? 1 : 0
    let rows = max(0, area.height - legendRows - axisRows)
    isEmpty = !chart.series.contains { $0.series.count > 0 }
    var steps = chart.steps ?? chart.extent ?? 0...1
    if !(steps.upperBound > steps.lowerBound) { steps = steps.lowerBound...steps.lowerBound + 1 }
    var positions =
      chart.positions
      ?? chart.xScale.position(ofStep: steps.lowerBound)...chart.xScale.position(ofStep: steps.upperBound)
    if !(positions.upperBound > positions.lowerBound) { positions = positions.lowerBound...positions.lowerBound + 1 }
    // Two labels in five rows at most.
    let tickCount = max(2, min(7, (2 * rows + 3) / 5))

    var gutter = area.width < 16 ? 0 : 6
    // A range that was asked for tells the labels' width before any column is looked at.
    if gutter > 0, let range = chart.yRange {
      let values = ValueRange(range, scale: chart.yScale).projected
      let ticks = AxisTicks.vertical(values, chart: chart, count: tickCount)
      if area.width - ticks.labelWidth - 2 >= 8 { gutter = ticks.labelWidth + 2 }
    }
    layout = ChartLayout(
      plot: Rect(x: 0, y: 0, width: 0, height: 0), scale: chart.xScale, positions: positions, values: 0...1)
    projected = 0...1
    yTicks = AxisTicks(values: [], labels: [], sharedPrefix: "")
    // The labels' width decides the plot's, and that the columns, and those the labels. After the first turn it only grows:
    // no label is cut, and it settles.
    for turn in 0..<4 {
      let plot = Rect(x: area.x + gutter, y: area.y + legendRows, width: area.width - gutter, height: rows)
      if plot.width != layout.plot.width {
        let columns = plot.width * glyphs.dots.columns
        func trace(_ source: ChartSeries) -> ChartTrace {
          ChartTrace(source, scale: chart.scale(of: source), positions: positions, columns: columns)
        }
        traces = columns > 0 ? chart.series.map(trace) : []
        references = columns > 0 ? chart.references.map(trace) : []
      }
      layout.plot = plot
      let range =
        chart.yRange.map { ValueRange($0, scale: chart.yScale) }
        ?? ValueRange(
          traces: traces + references, bands: (chart.series + chart.references).map(\.showsBand),
          columns: plot.width * glyphs.dots.columns,
          chart: chart, tickCount: tickCount)
      projected = range.projected
      layout.values = chart.yScale.unproject(projected.lowerBound)...chart.yScale.unproject(projected.upperBound)
      yTicks = .vertical(projected, chart: chart, count: tickCount)
      if gutter == 0 { break }
      let wanted = yTicks.labelWidth + 2
      if wanted == gutter || turn > 0 && wanted < gutter || area.width - wanted < 8 { break }
      gutter = wanted
    }
  }

  /// Paints the chart.
  mutating func paint(into frame: inout Frame) {
    guard !area.isEmpty, !layout.plot.isEmpty else { return }
    var canvas = DotCanvas(columns: layout.plot.width, rows: layout.plot.height, packing: glyphs.dots)
    let guide = canvas.addLayer(theme.style(.border, on: chart.background))
    if layout.plot.x > area.x { paintVerticalAxis(into: &frame, canvas: &canvas, guide: guide) }
    if axisRows > 0 { paintHorizontalAxis(into: &frame) }
    guard !isEmpty, !isWindowEmpty else {
      canvas.draw(into: &frame, x: layout.plot.x, y: layout.plot.y)
      paintEmptyText(into: &frame)
      if !isEmpty {
        paintCursor(into: &frame, canvas: canvas, front: 255)
        paintLegend(into: &frame)
      }
      return
    }
    let bands = zip(chart.series, traces).map { source, trace in
      source.showsBand ? paintBand(trace, source, on: &canvas) : 0
    }
    var lines: [UInt8] = []
    for (index, (source, trace)) in zip(chart.series, traces).enumerated() {
      lines.append(paintLine(trace, source, over: bands[index], on: &canvas))
    }
    canvas.draw(into: &frame, x: layout.plot.x, y: layout.plot.y)
    for (source, trace) in zip(chart.series, traces) { paintPoints(trace, source, into: &frame) }
    let front = lines.first ?? 255
    let notes = offScaleNotes(canvas)
    let taken = notes.map(\.place) + [cursorReadout?.place].compactMap(\.self)
    paintMarkers(into: &frame, canvas: canvas, front: front, avoiding: taken)
    paintCursor(into: &frame, canvas: canvas, front: front)
    for note in notes {
      frame.text(note.text, x: note.place.x, y: note.place.y, style: theme.style(.warning, on: chart.background))
    }
    paintLegend(into: &frame)
  }

  // Whether no point lies at the steps shown, and no line runs through them.
  private var isWindowEmpty: Bool {
    let columns = Double(layout.plot.width * glyphs.dots.columns)
    return traces.allSatisfy { trace in
      let isCrossed = trace.points.contains { $0.x < 0 } && trace.points.contains { $0.x > columns }
      return trace.indices.isEmpty && !isCrossed
    }
  }

  private func paintEmptyText(into frame: inout Frame) {
    let plot = layout.plot
    let texts = isEmpty ? [chart.emptyText] : chart.emptyWindowTexts
    guard let text = texts.first(where: { displayWidth($0) <= plot.width }) ?? texts.last else { return }
    let width = min(displayWidth(text), plot.width)
    frame.text(
      text, x: plot.x + (plot.width - width) / 2, y: plot.y + plot.height / 2,
      style: theme.style(.faint, on: chart.background), maxWidth: plot.width)
  }

  /// The height of a value in dots from the top; infinite for what the scale cannot show.
  func dotRow(_ value: Double) -> Double {
    let share =
      (projected.upperBound - chart.yScale.project(value)) / (projected.upperBound - projected.lowerBound)
    return share * Double(layout.plot.height * glyphs.dots.rows - 1)
  }

  /// The column of dots at a place; both edges of the plot belong to it.
  private func dotColumn(_ x: Double) -> Double {
    let columns = Double(layout.plot.width * glyphs.dots.columns)
    return x >= 0 && x <= columns ? max(0, min(columns - 1, x - 0.5)) : x - 0.5
  }

  private func paintBand(_ trace: ChartTrace, _ source: ChartSeries, on canvas: inout DotCanvas) -> UInt8 {
    // Measured points without smoothing are the line itself.
    if trace.isSparse && source.smoothing == 0 { return 0 }
    let style = theme.bandStyle(source.color, on: chart.background)
    let layer = canvas.addLayer(style)
    // Without a fainter colour half of the dots tell the band from the line: not every terminal shows the dim attribute.
    let isCheckered = style.foreground == source.color
    var previous: (x: Double, y: Double)?
    for point in trace.points {
      guard point.low <= point.high else {
        previous = nil
        continue
      }
      let x = dotColumn(point.x).rounded()
      let top = dotRow(point.high)
      let bottom = dotRow(point.low)
      // The band of neighbouring columns hangs together.
      let middle = max(top, min(bottom, previous?.y ?? top))
      if let previous, !isCheckered { canvas.line(fromX: previous.x, y: previous.y, toX: x, y: middle, layer: layer) }
      canvas.verticalLine(
        x: Int(x), from: clampedRow(top, in: canvas), to: clampedRow(bottom, in: canvas), layer: layer,
        checkered: isCheckered)
      previous = (x, middle)
    }
    return layer
  }

  /// The nearest row of dots within the canvas: what lies off the scale shows at its edge.
  private func clampedRow(_ row: Double, in canvas: DotCanvas) -> Int {
    Int(max(0, min(Double(canvas.height - 1), row)).rounded())
  }

  private func paintLine(
    _ trace: ChartTrace, _ source: ChartSeries, over band: UInt8, on canvas: inout DotCanvas
  ) -> UInt8 {
    // About as bright as the band's dots are with the ground between them; no tone in the terminal's own colours, nor
    // where only the nearest of few can be shown.
    let share = theme.showsTones ? glyphs.dots.tone : nil
    let tone = share.map { theme.dimmed(source.color, by: $0, on: chart.background) } ?? source.color
    let layer = canvas.addLayer(
      theme.style(color: source.color, on: chart.background), over: tone == source.color ? 0 : band, tone: tone)
    var previous: (x: Double, y: Double)?
    for point in trace.points {
      guard point.line.isFinite else {
        previous = nil
        continue
      }
      let x = dotColumn(point.x)
      // Far below any chart, but on the canvas' side of infinity, so that lines to it can be clipped.
      let y = max(-1e6, min(1e6, dotRow(point.line)))
      switch source.stroke {
      case .sparse: canvas.sparseLine(fromX: previous?.x ?? x, y: previous?.y ?? y, toX: x, y: y, layer: layer)
      case .solid, .dashed:
        canvas.line(
          fromX: previous?.x ?? x, y: previous?.y ?? y, toX: x, y: y, layer: layer,
          dashed: source.stroke == .dashed && previous != nil)
      }
      previous = (x, y)
    }
    return layer
  }
}
