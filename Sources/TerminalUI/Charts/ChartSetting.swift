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
  }

  private let lines: [Line]
  private let steps: ClosedRange<Double>?
  private let scale: ChartScale
  private let values: [ClosedRange<Double>?]
  private let units: [String]
  private let stepsPerUnit: Double
  private let markers: [ChartMarker]
  private let cursor: Int?
  private let showsLegend: Bool
  private let texts: [String]
  private let background: ThemeRole
  private let area: Rect
  private let theme: Theme
  private let glyphs: String

  init(_ chart: LineChart, area: Rect, theme: Theme, glyphs: GlyphSet) {
    lines = chart.series.map {
      Line(
        color: $0.color, label: $0.label, smoothing: $0.smoothing, showsBand: $0.showsBand, stroke: $0.stroke,
        hasFailed: $0.hasFailed, letter: $0.letter, lastStep: chart.cursorStep == nil ? nil : $0.lastStep)
    }
    steps = chart.steps ?? chart.extent
    scale = chart.yScale
    values = [chart.yRange, chart.yLimits]
    units = [chart.yUnit == .percent ? "%" : "", chart.xUnit.name]
    stepsPerUnit = chart.xUnit.stepsPerUnit
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
