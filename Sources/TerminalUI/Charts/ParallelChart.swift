/// Lines across parallel axes: each line joins its values on all axes.
package struct ParallelChart: Sendable {
  /// A vertical axis.
  package struct Axis: Hashable, Sendable {
    /// The name above it.
    package var name: String
    /// The labels, with their heights from 0 at the bottom to 1 at the top.
    package var labels: [Label]

    /// A label of an axis.
    package struct Label: Hashable, Sendable {
      package var height: Double
      package var text: String

      package init(height: Double, text: String) { (self.height, self.text) = (height, text) }
    }

    /// An axis.
    package init(name: String, labels: [Label]) { (self.name, self.labels) = (name, labels) }
  }

  /// A line.
  package struct Line: Hashable, Sendable {
    /// The height on each axis, 0...1; nil where the line has no value, so that it is broken there.
    package var heights: [Double?]
    /// The index of its colour.
    package var group: Int

    /// A line.
    package init(heights: [Double?], group: Int) { (self.heights, self.group) = (heights, group) }
  }

  /// The axes from left to right.
  package var axes: [Axis]
  /// The lines; later ones are drawn on top.
  package var lines: [Line]
  /// The styles of the groups.
  package var styles: [Style]

  /// A chart.
  package init(axes: [Axis], lines: [Line], styles: [Style]) {
    (self.axes, self.lines, self.styles) = (axes, lines, styles)
  }

  /// Draws the chart.
  package func render(into frame: inout Frame, area: Rect, theme: Theme, glyphs: GlyphSet) {
    let area = area.intersection(frame.bounds)
    let nameRows = area.height >= 4 ? 1 : 0
    let plot = area.inset(top: nameRows)
    guard axes.count > 1, plot.height > 0, plot.width >= 2 * axes.count else { return }
    // The axes' columns; the first and the last leave room for half of a label.
    let side = min(6, plot.width / (2 * axes.count))
    let columns = axes.indices.map { index in
      plot.x + side + index * (plot.width - 2 * side - 1) / (axes.count - 1)
    }
    var canvas = DotCanvas(columns: plot.width, rows: plot.height, packing: glyphs.dots)
    let layers = styles.map { canvas.addLayer($0) }
    func x(_ axis: Int) -> Double { (Double(columns[axis] - plot.x) + 0.5) * Double(glyphs.dots.columns) }
    func y(_ height: Double) -> Double { (1 - height) * Double(canvas.height - 1) }
    for line in lines {
      for axis in 1..<axes.count {
        guard let from = line.heights[axis - 1], let to = line.heights[axis] else { continue }
        canvas.line(fromX: x(axis - 1), y: y(from), toX: x(axis), y: y(to), layer: layers[line.group % layers.count])
      }
    }
    canvas.draw(into: &frame, x: plot.x, y: plot.y)
    let (axisStyle, faint) = (theme.style(.border), theme.style(.faint))
    for (axis, column) in zip(axes, columns) {
      for row in plot.y..<plot.maxY { frame[column, row] = Cell(glyphs.axis, style: axisStyle) }
      if nameRows > 0 { put(axis.name, at: column, y: area.y, in: area, &frame, theme.style(.strong)) }
      var taken: Set<Int> = []
      for label in axis.labels {
        let row = plot.y + Int(((1 - label.height) * Double(plot.height - 1)).rounded())
        guard taken.insert(row).inserted else { continue }
        put(label.text, at: column, y: row, in: area, &frame, faint)
      }
    }
  }

  // Centered on the axis, with a blank on both sides, as wide as the space between axes allows.
  private func put(_ text: String, at column: Int, y: Int, in area: Rect, _ frame: inout Frame, _ style: Style) {
    let room = max(1, area.width / axes.count - 1)
    let text = truncated(text, width: room)
    let width = displayWidth(text)
    let start = max(area.x, min(area.maxX - width, column - width / 2))
    frame.text(text, x: start, y: y, style: style)
  }
}
