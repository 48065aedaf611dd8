import TrainingMetrics

// What is written over the curves: events with their labels, and how many points lie off the scale.

extension ChartPainter {
  /// Draws each event's line where no series runs, and its label.
  ///
  /// A label touches its own line and no other; where lines stand close, labels are stacked in rows. Where there is no
  /// room for some of them, “+2” at their lines says so.
  func paintMarkers(into frame: inout Frame, canvas: DotCanvas, front: UInt8, avoiding notes: [Rect]) {
    let plot = layout.plot
    let marks = chart.markers.compactMap { marker in
      layout.column(ofStep: Double(marker.step), clock: marker.clock).map { (marker: marker, x: $0) }
    }
    for (marker, x) in marks {
      let style = theme.style(color: marker.color, on: chart.background)
      for row in 0..<plot.height where !canvas.isOccupied(column: x - plot.x, row: row, from: front) {
        frame[x, plot.y + row] = Cell(glyphs.marker, style: style)
      }
    }
    var labels = MarkerLabels(plot: plot, columns: marks.map(\.x), taken: notes)
    if let step = chart.cursorStep, let x = layout.column(ofStep: Double(step)) {
      labels.taken.append(Rect(x: x, y: plot.y, width: 1, height: plot.height))
    }
    func write(_ label: String, of marker: ChartMarker, at place: MarkerLabels.Place) {
      let blank = Cell(" ", style: theme.style(.text, on: chart.background))
      for x in place.area.x..<place.area.maxX { frame[x, place.area.y] = blank }
      frame.text(
        label, x: place.textX, y: place.area.y, style: theme.style(color: marker.color, on: chart.background),
        maxWidth: place.area.maxX - place.textX)
    }
    // The newest event's label is the one that is looked for.
    var hidden: [(marker: ChartMarker, x: Int)] = []
    for (marker, x) in marks.reversed() where !marker.label.isEmpty {
      let label = truncated(marker.label, width: max(8, min(24, plot.width / 2)))
      // High up, where they are looked for; over a band rather than far below.
      let upper = 0..<(plot.height + 1) / 2
      var place: MarkerLabels.Place?
      for (rows, layer) in [(upper, 2), (upper, front), (0..<plot.height, 2), (0..<plot.height, front)]
      where place == nil {
        place = labels.place(displayWidth(label), at: x, rows: rows) {
          canvas.isOccupied(column: $0, row: $1, from: layer)
        }
      }
      if let place { write(label, of: marker, at: place) } else { hidden.append((marker, x)) }
    }
    hidden.sort { $0.x < $1.x }
    while let first = hidden.first {
      // Lines that stand close have one sign.
      var count = 1
      while count < hidden.count, hidden[count].x - hidden[count - 1].x <= 4 { count += 1 }
      let cluster = hidden.prefix(count)
      hidden.removeFirst(count)
      let sign = "+\(count)"
      // Over a curve rather than not at all, and over another label rather than that.
      var place: MarkerLabels.Place?
      for layer in [front, UInt8.max] {
        for mark in cluster.reversed() where place == nil {
          place = labels.place(displayWidth(sign), at: mark.x, rows: 0..<plot.height) {
            canvas.isOccupied(column: $0, row: $1, from: layer)
          }
        }
      }
      write(sign, of: first.marker, at: place ?? labels.forcedPlace(displayWidth(sign), at: first.x))
    }
  }

  /// Says how many points lie above and below what is shown, and where the notes stand: not over a curve where there is
  /// another place, and never over its newest part.
  func offScaleNotes(_ canvas: DotCanvas) -> [(text: String, place: Rect)] {
    let plot = layout.plot
    var above = OffScaleCount()
    var below = OffScaleCount()
    for (source, trace) in zip(chart.series, traces) where source.showsBand {
      OffScaleCount.count(
        source.series, trace.indices, values: layout.values, above: &above, below: &below)
    }
    var result: [(text: String, place: Rect)] = []
    let readout = cursorReadout?.place
    for (count, glyph, isAbove) in [(above, glyphs.offScaleAbove, true), (below, glyphs.offScaleBelow, false)]
    where count.points > 0 {
      let long = "\(glyph) \(count.text) off-scale"
      let text = displayWidth(long) * 3 <= plot.width ? long : "\(glyph) \(count.text)"
      let width = displayWidth(text)
      guard width <= plot.width else { continue }
      let rows = (0..<min(3, (plot.height + 1) / 2)).map { isAbove ? plot.y + $0 : plot.maxY - 1 - $0 }
      let places = rows.flatMap { y in
        (plot.x...plot.maxX - width).map { Rect(x: $0, y: y, width: width, height: 1) }
      }
      let free = places.first { place in
        (place.x..<place.maxX).allSatisfy {
          !canvas.isOccupied(column: $0 - plot.x, row: place.y - plot.y, from: 2)
        } && result.allSatisfy { $0.place.intersection(place).isEmpty }
          && readout?.intersection(place).isEmpty ?? true
      }
      let y = rows.first { $0 != readout?.y } ?? rows[0]
      result.append((text, free ?? Rect(x: plot.x, y: y, width: width, height: 1)))
    }
    return result
  }
}

/// Finds places for labels beside vertical lines.
struct MarkerLabels {
  /// Where a label stands: with its blanks, and the column in which its text begins.
  struct Place {
    var area: Rect
    var textX: Int
  }

  /// The cells of the chart.
  let plot: Rect
  /// The columns of all lines.
  let columns: [Int]
  /// What may not be written over.
  var taken: [Rect]

  /// A place for a label of some width at the line in column `x`, from the top down, to the right of the line before the
  /// left; nil where there is none. It is taken then.
  /// - Parameters:
  ///   - rows: the rows of the plot that are tried.
  ///   - isOccupied: whether a curve runs through the cell in a column and row of the plot.
  mutating func place(_ width: Int, at x: Int, rows: Range<Int>, isOccupied: (Int, Int) -> Bool) -> Place? {
    for row in rows {
      let y = plot.y + row
      for isRight in [true, false] {
        // A blank on either side of the text; the outer one, where other lines would touch it, in their places too.
        let text = isRight ? x + 2 : x - 1 - width
        var first = isRight ? x + 1 : max(plot.x, text - 1)
        var end = isRight ? min(plot.maxX, text + width + 1) : x
        while isRight, end < plot.maxX, columns.contains(end) { end += 1 }
        while !isRight, first > plot.x, columns.contains(first - 1) { first -= 1 }
        let area = Rect(x: first, y: y, width: end - first, height: 1)
        guard text >= plot.x, text + width <= plot.maxX, text >= first,
          !(area.x..<area.maxX).contains(where: { isOccupied($0 - plot.x, row) }),
          !taken.contains(where: { !$0.intersection(area).isEmpty || $0.contains(x: x, y: y) })
        else { continue }
        // With its line, so that no other label stands on it.
        taken.append(Rect(x: min(x, first), y: y, width: max(end, x + 1) - min(x, first), height: 1))
        return Place(area: area, textX: text)
      }
    }
    return nil
  }

  /// A place in the lowest row, whatever stands there.
  func forcedPlace(_ width: Int, at x: Int) -> Place {
    let start = max(plot.x, min(x + 1, plot.maxX - width))
    return Place(area: Rect(x: start, y: plot.maxY - 1, width: min(width, plot.width), height: 1), textX: start)
  }
}
