extension ChartPainter {
  /// Draws the vertical axis with its labels, and a guide line of dots at the height of each.
  func paintVerticalAxis(into frame: inout Frame, canvas: inout DotCanvas, guide: UInt8) {
    let plot = layout.plot
    let line = theme.style(.border, on: chart.background)
    let label = theme.style(.faint, on: chart.background)
    for y in plot.y..<plot.maxY { frame[plot.x - 1, y] = Cell(glyphs.axis, style: line) }
    var taken = Int.max
    for (value, text) in zip(yTicks.values, yTicks.labels) {
      let dot = Int(dotRow(value).rounded())
      let row = plot.y + dot / glyphs.dots.rows
      // From the bottom up, a row between two labels at least.
      guard dot >= 0, row < plot.maxY, taken - row > 1 || taken == Int.max else { continue }
      taken = row
      frame[plot.x - 1, row] = Cell(glyphs.axisTick, style: line)
      frame.text(text, endingAt: plot.x - 1, y: row, style: label, maxWidth: plot.x - 1 - area.x)
      if glyphs.dots.isSolid {
        // Dots as large as a quarter of a cell would shout.
        for x in plot.x..<plot.maxX { frame[x, row] = Cell(glyphs.guide, style: line) }
      } else {
        for x in stride(from: 0, to: canvas.width, by: glyphs.dots.columns) { canvas.set(x, dot, layer: guide) }
      }
    }
    if axisRows > 0 {
      frame.text(axisNote, x: area.x, y: area.maxY - 1, style: label, maxWidth: plot.x - area.x)
    }
  }

  // What stands at the foot of the vertical axis.
  private var axisNote: String { yTicks.sharedPrefix.isEmpty ? chart.yNote : yTicks.sharedPrefix }

  /// Draws the horizontal axis below the plot: a line with ticks where there is room for two rows, and the labels.
  func paintHorizontalAxis(into frame: inout Frame) {
    let plot = layout.plot
    let line = theme.style(.border, on: chart.background)
    let faint = theme.style(.faint, on: chart.background)
    let labelRow = area.maxY - 1
    if axisRows == 2 {
      for x in plot.x..<plot.maxX { frame[x, plot.maxY] = Cell(glyphs.baseline, style: line) }
      if plot.x > area.x { frame[plot.x - 1, plot.maxY] = Cell(glyphs.bottomAxis, style: line) }
    }
    let name = chart.xUnit.name
    let nameX = area.maxX - displayWidth(name)
    let showsName = displayWidth(name) + 8 < plot.width
    if showsName { frame.text(name, x: nameX, y: labelRow, style: faint) }
    let limit = showsName ? nameX - 1 : area.maxX
    let taken = area.x + (axisNote.isEmpty || plot.x == area.x ? -1 : displayWidth(axisNote))
    // Widest labels first settled by trying fewer ticks until none collides.
    var ticks = AxisTicks(values: [], labels: [], sharedPrefix: "")
    for count in stride(from: max(2, min(12, plot.width / 7)), through: 1, by: -1) {
      ticks = .horizontal(layout.positions, scale: chart.xScale, unit: chart.xUnit, count: count)
      let widest = ticks.labelWidth
      let gap = Double(plot.width) / Double(max(1, ticks.values.count))
      if Double(widest) + 2 <= gap || ticks.values.count <= 2 { break }
    }
    // The columns of the labels that collide neither with each other nor with the unit's name.
    func placed(_ ticks: AxisTicks) -> [(text: String, x: Int)] {
      var taken = taken
      return zip(ticks.values, ticks.labels).compactMap { value, text in
        guard let x = layout.column(of: value) else { return nil }
        let (width, start) = (displayWidth(text), max(area.x, x - displayWidth(text) / 2))
        guard start > taken, start + width <= limit else { return nil }
        taken = start + width
        return (text, start)
      }
    }
    var labels = placed(ticks)
    if labels.count < 2 {
      // One label shows no scale.
      let finer = AxisTicks.horizontal(
        layout.positions, scale: chart.xScale, unit: chart.xUnit, count: ticks.values.count + 2)
      if placed(finer).count > labels.count { (ticks, labels) = (finer, placed(finer)) }
    }
    if axisRows == 2 {
      for x in ticks.values.compactMap({ layout.column(of: $0) }) {
        frame[x, plot.maxY] = Cell(glyphs.baselineTick, style: line)
      }
    }
    for label in labels { frame.text(label.text, x: label.x, y: labelRow, style: faint) }
  }
}
