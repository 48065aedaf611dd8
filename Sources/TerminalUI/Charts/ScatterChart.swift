import TrainingMetrics

/// Points over two axes, in groups of different colours.
package struct ScatterChart: Sendable {
  /// A point.
  package struct Point: Hashable, Sendable {
    /// The place on the horizontal axis: a value, or the index of a category.
    package var x: Double
    /// The value.
    package var y: Double
    /// The index of its group.
    package var group: Int

    /// A point of a group.
    package init(x: Double, y: Double, group: Int = 0) { (self.x, self.y, self.group) = (x, y, group) }
  }

  /// The horizontal axis.
  package enum Axis: Hashable, Sendable {
    /// Numbers on a scale.
    case numbers(ChartScale)
    /// Words, one beside the other.
    case categories([String])
  }

  /// The points; later ones are drawn on top.
  package var points: [Point]
  /// The colours of the groups.
  package var colors: [Color]
  /// The horizontal axis, and its name at its end.
  package var xAxis: Axis
  package var xName: String
  /// The format of the values, and their name above the vertical axis.
  package var yUnit: ChartUnit
  package var yName: String
  /// The index of a point that is marked; nil for none.
  package var selected: Int?
  /// Whether points are drawn as digits of their group, if colours cannot distinguish groups.
  package var showsDigits = false

  /// A chart of points.
  package init(
    points: [Point], colors: [Color], xAxis: Axis, xName: String, yUnit: ChartUnit = .plain, yName: String = ""
  ) {
    (self.points, self.colors, self.xAxis, self.xName, self.yUnit, self.yName) = (
      points, colors, xAxis, xName, yUnit, yName
    )
  }

  /// Draws the chart.
  /// - Returns: the cell of each point; nil for one that is not a number on its axis.
  @discardableResult
  package func render(into frame: inout Frame, area: Rect, theme: Theme, glyphs: GlyphSet) -> [(x: Int, y: Int)?] {
    let area = area.intersection(frame.bounds)
    let places = points.map { (x: project($0.x), y: $0.y) }
    let valid = places.filter { $0.x.isFinite && $0.y.isFinite }
    guard area.width >= 4, area.height >= 2, let least = valid.map(\.y).min(), let most = valid.map(\.y).max() else {
      return points.map { _ in nil }
    }
    let nameRows = !yName.isEmpty && area.height >= 8 ? 1 : 0
    let axisRows = area.height >= 8 ? 2 : area.height >= 4 ? 1 : 0
    let rows = area.height - nameRows - axisRows
    let y = Self.padded(least, most)
    let ticks = AxisTicks.linear(y, count: max(2, min(7, (2 * rows + 3) / 5)), unit: yUnit)
    let gutter = area.width >= 24 ? ticks.labelWidth + 2 : 0
    let plot = Rect(x: area.x + gutter, y: area.y + nameRows, width: area.width - gutter, height: rows)
    let x = xRange(valid.map(\.x))
    let (line, faint) = (theme.style(.border), theme.style(.faint))
    func row(_ value: Double) -> Double { (y.upperBound - value) / (y.upperBound - y.lowerBound) }
    if nameRows > 0 { frame.text(yName, x: area.x, y: area.y, style: faint, maxWidth: area.width) }
    if gutter > 0 {
      for column in plot.y..<plot.maxY { frame[plot.x - 1, column] = Cell(glyphs.axis, style: line) }
      for (value, label) in zip(ticks.values, ticks.labels) {
        let place = plot.y + min(rows - 1, Int(row(value) * Double(rows)))
        frame[plot.x - 1, place] = Cell(glyphs.axisTick, style: line)
        frame.text(label, endingAt: plot.x - 1, y: place, style: faint)
      }
    }
    drawHorizontalAxis(x, plot: plot, rows: axisRows, in: area, into: &frame, line: line, faint: faint, glyphs: glyphs)

    var canvas = DotCanvas(columns: plot.width, rows: plot.height, packing: glyphs.dots)
    if !glyphs.dots.isSolid {
      let guide = canvas.addLayer(theme.style(.border))
      for value in ticks.values {
        let dotY = min(canvas.height - 1, Int(row(value) * Double(canvas.height)))
        for dotX in stride(from: 0, to: canvas.width, by: glyphs.dots.columns) { canvas.set(dotX, dotY, layer: guide) }
      }
    }
    let layers = colors.map { canvas.addLayer(theme.style(color: $0)) }
    var cells: [(x: Int, y: Int)?] = []
    for (point, place) in zip(points, places) {
      guard place.x.isFinite, place.y.isFinite else {
        cells.append(nil)
        continue
      }
      let across = (place.x - x.lowerBound) / (x.upperBound - x.lowerBound)
      let dotX = min(canvas.width - 1, max(0, Int(across * Double(canvas.width))))
      let dotY = min(canvas.height - 1, max(0, Int(row(place.y) * Double(canvas.height))))
      let cell = (x: plot.x + dotX / glyphs.dots.columns, y: plot.y + dotY / glyphs.dots.rows)
      cells.append(cell)
      let layer = layers.isEmpty ? 1 : layers[point.group % layers.count]
      // Two dots by two are seen; one is not.
      for (right, down) in [(0, 0), (1, 0), (0, 1), (1, 1)] where !showsDigits {
        if right < glyphs.dots.columns, down < glyphs.dots.rows - 1 {
          canvas.set(dotX + right, dotY + down, layer: layer)
        }
      }
    }
    canvas.draw(into: &frame, x: plot.x, y: plot.y)
    if showsDigits {
      for (point, cell) in zip(points, cells) {
        guard let cell else { continue }
        let digit = Unicode.Scalar(UInt8(ascii: "1") + UInt8(point.group % 9))
        frame[cell.x, cell.y] = Cell(digit, style: theme.style(.text))
      }
    }
    if let selected, cells.indices.contains(selected), let cell = cells[selected] {
      frame[cell.x, cell.y] = Cell(glyphs.extreme, style: theme.style(.strong, on: .background, .bold))
    }
    return cells
  }

  private func project(_ value: Double) -> Double {
    if case .numbers(let scale) = xAxis { scale.project(value) } else { value }
  }

  private func xRange(_ values: [Double]) -> ClosedRange<Double> {
    if case .categories(let words) = xAxis { return -0.5...Double(max(1, words.count)) - 0.5 }
    return Self.padded(values.min() ?? 0, values.max() ?? 1)
  }

  private static func padded(_ least: Double, _ most: Double) -> ClosedRange<Double> {
    let margin = most > least ? 0.05 * (most - least) : max(1e-9, abs(most) * 0.05)
    return least - margin...most + margin
  }

  private func drawHorizontalAxis(
    _ x: ClosedRange<Double>, plot: Rect, rows: Int, in area: Rect, into frame: inout Frame, line: Style, faint: Style,
    glyphs: GlyphSet
  ) {
    guard rows > 0 else { return }
    let labelRow = area.maxY - 1
    if rows == 2 {
      for column in plot.x..<plot.maxX { frame[column, plot.maxY] = Cell(glyphs.baseline, style: line) }
      if plot.x > area.x { frame[plot.x - 1, plot.maxY] = Cell(glyphs.bottomAxis, style: line) }
    }
    let name = hasNamedAxis(rows) ? truncated(xName, width: plot.width / 2) : ""
    let end = area.maxX - displayWidth(name)
    frame.text(name, x: end, y: labelRow, style: faint)
    var taken = area.x - 1
    for (place, label) in labels(x, width: plot.width) {
      let column = plot.x + Int((place - x.lowerBound) / (x.upperBound - x.lowerBound) * Double(plot.width))
      let start = max(area.x, column - displayWidth(label) / 2)
      guard column < plot.maxX, start > taken, start + displayWidth(label) < end - 1 else { continue }
      if rows == 2 { frame[column, plot.maxY] = Cell(glyphs.baselineTick, style: line) }
      frame.text(label, x: start, y: labelRow, style: faint)
      taken = start + displayWidth(label)
    }
  }

  // Words need the room, and a chart of this height has a heading with the parameter's name.
  private func hasNamedAxis(_ rows: Int) -> Bool {
    if case .categories = xAxis { rows < 2 } else { true }
  }

  // The labels with their places on the axis.
  private func labels(_ x: ClosedRange<Double>, width: Int) -> [(Double, String)] {
    switch xAxis {
    case .categories(let words): return words.enumerated().map { (Double($0.offset), $0.element) }
    case .numbers(let scale):
      let values = scale.unproject(x.lowerBound)...scale.unproject(x.upperBound)
      let count = max(2, min(8, width / 9))
      let ticks =
        scale == .log
        ? AxisTicks.logarithmic(values, count: count, unit: .plain) : .linear(values, count: count, unit: .plain)
      return zip(ticks.values, ticks.labels).map { (scale.project($0.0), $0.1) }
    }
  }
}
