import TrainingMetrics

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
  private static let patience = 4

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
      (chart.series + chart.references).map { ChartTip($0, of: chart, layout: layout, dots: glyphs.dots) }
    }
    if let entry = entries[name], entry.setting == setting {
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

/// The newest column of dots of a series in a chart: the only one that new points change.
struct ChartTip: Hashable, Sendable {
  // How many points there are: fewer than before are other ones.
  private var count: Int
  // The same, where every point may show: few of them, or one that is no number.
  private var exactCount: Int?
  private var column = 0
  // Its least, greatest and mean value in rows of dots.
  private var rows: [Int] = []
  // What the legend says.
  private var text = ""

  /// The tip of a series as a chart with this layout shows it.
  init(_ source: ChartSeries, of chart: LineChart, layout: ChartLayout, dots: DotPacking) {
    let series = source.series
    count = series.count
    let columns = layout.plot.width * dots.columns
    let steps = layout.positions
    let width = (steps.upperBound - steps.lowerBound) / Double(max(1, columns))
    let begin = series.firstIndex(atOrAfter: Self.step(steps.lowerBound))
    let end = series.firstIndex(atOrAfter: Self.step(steps.upperBound.rounded(.down)) + 1)
    // Where columns have different numbers of steps, every point counts.
    guard layout.scale == .linear, end - begin > columns, width > 0 else {
      exactCount = count
      return
    }
    column = Int((Double(series.points[end - 1].step) - steps.lowerBound) / width)
    let first = series.firstIndex(atOrAfter: Self.step(steps.lowerBound + Double(column) * width))
    let tip = series.summary(of: first..<end)
    if tip.nonFiniteCount > 0 || chart.cursorStep != nil { exactCount = count }
    let low = chart.yScale.project(layout.values.lowerBound)
    let high = chart.yScale.project(layout.values.upperBound)
    let height = Double(layout.plot.height * dots.rows - 1)
    // Off the scale all places look the same.
    rows = [Double(tip.minimum), Double(tip.maximum), tip.mean ?? .nan].map { value in
      let row = (chart.yScale.project(value) - low) / (high - low) * height
      return row.isNaN ? -1 : Int(max(-1, min(height + 1, row)).rounded())
    }
    if chart.showsLegend, !source.label.isEmpty, let last = series.last { text = chart.yUnit.text(Double(last.value)) }
  }

  /// Whether a series that had the tip `former` still looks the same, as far as can be seen while it moves.
  func looksLike(_ former: ChartTip, isMoving: Bool) -> Bool {
    (isMoving ? count >= former.count : count == former.count) && exactCount == former.exactCount
      && column == former.column && rows == former.rows
      && text == former.text
  }

  /// Whether it is in the same column as `former`, with no value that has to show at once.
  func isNear(_ former: ChartTip) -> Bool {
    count >= former.count && exactCount == former.exactCount && column == former.column
  }

  private static func step(_ value: Double) -> Int { Int(max(-1e15, min(1e15, value.rounded(.up)))) }
}

/// All that a chart's picture depends on, but for the points.
struct ChartSetting: Hashable, Sendable {
  private struct Line: Hashable, Sendable {
    var color: Color
    var label: String
    var smoothing: Double
    var showsBand: Bool
    var stroke: ChartSeries.Stroke
    var hasFailed: Bool
    var letter: Unicode.Scalar?
    // Decides what the cursor reads.
    var lastStep: Int?
    var clock: StepClock?
    var extreme: ChartSeries.Extreme?
  }

  private let lines: [Line]
  private let steps: ClosedRange<Double>?
  private let scale: ChartScale
  private let values: [ClosedRange<Double>?]
  private let yUnit: ChartUnit
  private let xUnit: StepUnit
  private let xScale: StepScale
  private let positions: ClosedRange<Double>?
  private let markers: [ChartMarker]
  private let cursor: Int?
  private let showsLegend: Bool
  private let texts: [String]
  private let background: ThemeRole
  private let area: Rect
  private let theme: Theme
  private let glyphs: String

  init(_ chart: LineChart, area: Rect, theme: Theme, glyphs: GlyphSet) {
    lines = (chart.series + chart.references).map {
      Line(
        color: $0.color, label: $0.label, smoothing: $0.smoothing, showsBand: $0.showsBand, stroke: $0.stroke,
        hasFailed: $0.hasFailed, letter: $0.letter, lastStep: chart.cursorStep == nil ? nil : $0.lastStep,
        clock: $0.clock, extreme: $0.extreme)
    }
    steps = chart.steps ?? chart.extent
    scale = chart.yScale
    values = [chart.yRange, chart.yLimits]
    yUnit = chart.yUnit
    xUnit = chart.xUnit
    xScale = chart.xScale
    positions = chart.positions
    markers = chart.markers
    cursor = chart.cursorStep
    showsLegend = chart.showsLegend
    texts = [chart.emptyText, chart.yNote] + chart.emptyWindowTexts
    background = chart.background
    self.area = area
    self.theme = theme
    self.glyphs = glyphs.name
  }
}
