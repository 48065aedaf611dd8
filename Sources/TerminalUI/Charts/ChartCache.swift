/// Charts as they were last drawn, so that one whose picture would come out the same is not drawn again.
///
/// While lanes train every frame brings points, and few of them move a dot: only the newest column of dots is looked at.
/// A range that the chart finds itself, and the number of points off the scale, are as new as that column. Where nothing
/// moves any more the picture is exact.
package struct ChartCache: Sendable {
  private struct Entry {
    var setting: ChartSetting
    var tips: [ChartTip]
    var layout: ChartLayout
    var cells: [Cell]
    // Frames since it was drawn.
    var age = 0
  }

  /// For so many frames a dot of the newest column may be late.
  private static let patience = 2

  private var entries: [String: Entry] = [:]

  /// No chart yet.
  package init() {}

  /// Draws a chart, or puts down the picture that it had under this name.
  /// - Parameters:
  ///   - isMoving: whether points come, so that the next picture is not far.
  ///   - isStanding: whether the frame has the picture that was drawn last under this name.
  /// - Returns: where the data stands and what it spans.
  @discardableResult
  package mutating func draw(
    _ chart: LineChart, named name: String, isMoving: Bool, isStanding: Bool = false, into frame: inout Frame,
    area: Rect, theme: Theme, glyphs: GlyphSet
  ) -> ChartLayout {
    let area = area.intersection(frame.bounds)
    let setting = ChartSetting(chart, area: area, theme: theme, glyphs: glyphs)
    func tips(_ layout: ChartLayout) -> [ChartTip] {
      chart.series.map { ChartTip($0, of: chart, layout: layout, dots: glyphs.dots) }
    }
    if let entry = entries[name], entry.setting == setting, chart.xLabel == nil {
      let pairs = zip(tips(entry.layout), entry.tips)
      let isFresh = !isMoving || entry.age >= Self.patience
      if pairs.allSatisfy({ isFresh ? $0.looksLike($1, isMoving: isMoving) : $0.isNear($1) }) {
        if !isStanding { frame.paste(entry.cells, into: area) }
        entries[name]?.age += 1
        return entry.layout
      }
    }
    frame.fill(area, with: Cell(" ", style: theme.style(.text, on: chart.background)))
    let layout = chart.render(into: &frame, area: area, theme: theme, glyphs: glyphs)
    entries[name] = Entry(setting: setting, tips: tips(layout), layout: layout, cells: frame.cells(in: area))
    return layout
  }

  /// Lets the chart of this name be drawn anew.
  package mutating func forget(_ name: String) { entries[name] = nil }
}
