import TrainingMetrics

extension ChartPainter {
  /// Draws a glyph at each measured point where they are few, and at the last good value before one that is no number.
  func paintPoints(_ trace: ChartTrace, _ source: ChartSeries, into frame: inout Frame) {
    let plot = layout.plot
    let columns = glyphs.dots.columns
    let style = theme.style(color: source.color, on: chart.background)
    let bad = theme.style(.bad, on: chart.background, .bold)
    // Three cells a point, so that the line between them can be seen.
    let showsPoints =
      source.stroke != .sparse && trace.isSparse && source.smoothing == 0 && trace.indices.count * 3 <= plot.width
    let extreme = extremePoint(trace, source)
    var lastGood: Double?
    var wasBad = false
    for point in trace.points {
      if point.line.isFinite { lastGood = point.line }
      let isInside = point.x >= 0 && point.x <= Double(plot.width * columns)
      if point.hasNonFinite {
        if !wasBad, isInside {
          let row = lastGood.map { cellRow($0) } ?? plot.height - 1
          let column = min(plot.width - 1, Int(point.x) / columns)
          frame[plot.x + column, plot.y + max(0, min(plot.height - 1, row))] = Cell(glyphs.notANumber, style: bad)
        }
      } else if showsPoints, isInside {
        let row = cellRow(point.line)
        if row >= 0, row < plot.height {
          frame[plot.x + min(plot.width - 1, Int(point.x) / columns), plot.y + row] = Cell(glyphs.point, style: style)
        }
      }
      wasBad = point.hasNonFinite
    }
    if let letter = source.letter { paint(letter, of: source, along: trace, into: &frame) }
    if let extreme {
      let row = max(0, min(plot.height - 1, cellRow(extreme.value)))
      let column = min(plot.width - 1, Int(extreme.x) / columns)
      frame[plot.x + column, plot.y + row] = Cell(
        glyphs.extreme, style: theme.style(color: source.color, on: chart.background, .bold))
    }
    if source.hasFailed { paintFailure(trace, into: &frame) }
  }

  // The first visible point with the extreme value; nil if none is wanted, or fewer than three points are visible.
  private func extremePoint(_ trace: ChartTrace, _ source: ChartSeries) -> (x: Double, value: Double)? {
    guard let extreme = source.extreme else { return nil }
    let end = Double(layout.plot.width * glyphs.dots.columns)
    var best: (x: Double, value: Double)?
    var count = 0
    for point in trace.points where point.x >= 0 && point.x <= end && point.low <= point.high {
      count += 1
      let value = extreme == .least ? point.low : point.high
      guard let known = best?.value else {
        best = (point.x, value)
        continue
      }
      if extreme == .least ? value < known : value > known { best = (point.x, value) }
    }
    return count > 2 ? best : nil
  }

  // At the line's end, and every sixteen columns before it.
  private func paint(_ letter: Unicode.Scalar, of source: ChartSeries, along trace: ChartTrace, into frame: inout Frame)
  {
    let plot = layout.plot
    let style = theme.style(color: source.color, on: chart.background, .bold)
    var next = Int.max
    for point in trace.points.reversed() where point.line.isFinite && point.x >= 0 {
      let column = min(plot.width - 1, Int(point.x) / glyphs.dots.columns)
      let row = cellRow(point.line)
      guard column <= next, row >= 0, row < plot.height else { continue }
      frame[plot.x + column, plot.y + row] = Cell(letter, style: style)
      next = column - 16
    }
  }

  // At the edge where the value lies beyond it.
  private func paintFailure(_ trace: ChartTrace, into frame: inout Frame) {
    let plot = layout.plot
    guard let last = trace.points.last(where: \.line.isFinite), last.x >= 0,
      last.x <= Double(plot.width * glyphs.dots.columns)
    else { return }
    let column = min(plot.width - 1, Int(last.x) / glyphs.dots.columns)
    let row = max(0, min(plot.height - 1, cellRow(last.line)))
    frame[plot.x + column, plot.y + row] = Cell(glyphs.failed, style: theme.style(.bad, on: chart.background, .bold))
  }

  /// The row of cells in the plot that shows a value; it may lie outside.
  private func cellRow(_ value: Double) -> Int {
    let row = max(-1e6, min(1e6, dotRow(value))).rounded()
    return Int((row / Double(glyphs.dots.rows)).rounded(.down))
  }

  /// Draws the cursor's line where no series runs.
  func paintCursor(into frame: inout Frame, canvas: DotCanvas, front: UInt8) {
    guard let step = chart.cursorStep, let x = layout.column(ofStep: Double(step)) else { return }
    let style = theme.style(.accent, on: chart.background)
    for row in 0..<layout.plot.height {
      if canvas.isOccupied(column: x - layout.plot.x, row: row, from: front) {
        frame[x, layout.plot.y + row].style.attributes.insert(.bold)
      } else {
        frame[x, layout.plot.y + row] = Cell(glyphs.cursor, style: style)
      }
    }
  }

  /// The cursor's read-out where no legend has it: beside the cursor, on the side that has more room, with as many
  /// values as fit. nil without a cursor.
  var cursorReadout: (pieces: [StyledText], place: Rect)? {
    let plot = layout.plot
    guard legendRows == 0, let step = chart.cursorStep, let x = layout.column(ofStep: Double(step)) else { return nil }
    let values = legendValues
    var pieces: [StyledText] = []
    for shown in stride(from: values.count, through: 0, by: -1) {
      pieces = trimmed(cursorStepText + values.prefix(shown).flatMap { [$0[0], $0[2]] })
      if displayWidth(pieces) <= plot.width { break }
    }
    let width = min(plot.width, displayWidth(pieces))
    let start = x - plot.x > plot.width / 2 ? x - 1 - width : x + 2
    return (pieces, Rect(x: max(plot.x, min(start, plot.maxX - width)), y: plot.y, width: width, height: 1))
  }

  private var cursorStepText: [StyledText] {
    guard let step = chart.cursorStep else { return [] }
    return [
      StyledText(chart.xUnit.text(step: step, on: chart.xScale) + "  ", theme.style(.accent, on: chart.background))
    ]
  }

  // Without the blanks at the end: nothing follows that would have to be kept apart.
  private func trimmed(_ pieces: [StyledText]) -> [StyledText] {
    var pieces = pieces
    while let last = pieces.last?.text, last.hasSuffix(" ") { pieces[pieces.count - 1].text = String(last.dropLast()) }
    return pieces
  }

  // The stroke, the name and the value of each series; at the cursor, the greatest value first.
  private var legendValues: [[StyledText]] {
    let faint = theme.style(.faint, on: chart.background)
    let text = theme.style(.text, on: chart.background)
    var sources = chart.series.filter { !$0.label.isEmpty }.map { source in
      (source: source, value: chart.shownIndex(of: source).map { Double(source.series.points[$0].value) })
    }
    if chart.cursorStep != nil {
      func rank(_ value: Double?) -> Double { value.map { $0.isNaN ? -.greatestFiniteMagnitude : $0 } ?? -.infinity }
      sources = sources.enumerated().sorted {
        (rank($0.element.value), -$0.offset) > (rank($1.element.value), -$1.offset)
      }
      .map(\.element)
    }
    return sources.map { source, value -> [StyledText] in
      let value = value.map { chart.yUnit.text($0) } ?? "–"
      var stroke =
        switch source.stroke {
        case .solid: glyphs.legendStroke
        case .dashed: glyphs.legendDashes
        case .sparse: glyphs.legendDots
        }
      if let letter = source.letter { stroke = "\(letter)" + stroke.dropFirst() }
      return [
        StyledText(stroke + " ", theme.style(color: source.color, on: chart.background)),
        StyledText(source.label + " ", faint), StyledText(value + "  ", text),
      ]
    }
  }

  /// Names the series and their values, at the cursor or the newest ones, as far as there is room.
  func paintLegend(into frame: inout Frame) {
    if legendRows == 1 {
      let readout = cursorStepText
      let values = legendValues
      let room = area.maxX - layout.plot.x
      var pieces = readout + values.flatMap { $0 }
      // Too narrow: the strokes and values alone, then as many series as there is room for.
      if displayWidth(pieces) - 2 > room { pieces = readout + values.flatMap { [$0[0], $0[2]] } }
      var shown = values.count
      while shown > 1, displayWidth(pieces) - 2 > room {
        shown -= 1
        pieces = readout + values.prefix(shown).flatMap { [$0[0], $0[2]] }
      }
      frame.text(trimmed(pieces), x: layout.plot.x, y: area.y, maxWidth: room)
    } else if let (pieces, place) = cursorReadout {
      frame.text(pieces, x: place.x, y: place.y, maxWidth: place.width)
    }
  }
}
