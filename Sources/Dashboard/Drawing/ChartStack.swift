import TerminalUI

/// Charts of one or all lanes, stacked vertically with aligned plots.
struct ChartStack {
  /// A chart with its position.
  struct Entry {
    /// Identifies the chart from frame to frame.
    var name: String
    /// The chart.
    var chart: LineChart
    /// Its position.
    var area: Rect
  }

  /// The lane that a click focuses; nil for charts of all lanes.
  var lane: Int?
  /// The charts from top to bottom.
  var entries: [Entry] = []

  /// Draws the charts. The width of their labels is only known after drawing, so it is remembered from the previous
  /// frame; if it has changed, the charts are drawn again.
  func draw(on painter: inout Painter) {
    let entries = entries.filter { !$0.area.isEmpty }
    for _ in 0..<3 {
      let widest = entries.compactMap { painter.memory.gutters[$0.name] }.max() ?? 0
      var isSettled = true
      var layouts: [ChartLayout] = []
      for entry in entries {
        let own = painter.memory.gutters[entry.name] ?? widest
        let area = entry.area.inset(left: widest - own)
        let layout = painter.draw(entry.chart, named: entry.name, in: area)
        layouts.append(layout)
        let gutter = max(0, layout.plot.x - area.x)
        if gutter != own || painter.memory.gutters[entry.name] == nil {
          painter.memory.gutters[entry.name] = gutter
          isSettled = isSettled && gutter == own
        }
      }
      let known = entries.compactMap { painter.memory.gutters[$0.name] }.max() ?? 0
      if isSettled, known == widest {
        for layout in layouts { painter.hits.add(layout.plot, .chart(lane: lane, layout)) }
        return
      }
      for entry in entries { painter.clear(entry.area, ofChartNamed: entry.name) }
    }
    // The labels' widths did not converge: draws the charts as they are.
    for entry in entries {
      _ = entry.chart.render(into: &painter.frame, area: entry.area, theme: painter.theme, glyphs: painter.glyphs)
    }
  }
}
