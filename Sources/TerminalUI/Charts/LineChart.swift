import TrainingMetrics

/// Metric series over steps, drawn in dots.
///
/// Behind each line stands a fainter band from the least to the greatest value, out of the series' pyramid, so that no
/// spike is lost at any width. Drawing costs the chart's width times the logarithm of the number of points.
package struct LineChart: Sendable {
  /// The series; a later one lies above the earlier ones.
  package var series: [ChartSeries]
  /// The steps shown; nil shows all.
  package var steps: ClosedRange<Double>?
  /// The vertical scale.
  package var yScale: ChartScale
  /// The values shown; nil takes the 5-95 % quantiles, or all values where that costs little height.
  package var yRange: ClosedRange<Double>?
  /// Values that an automatic range never goes beyond, such as 0...1 of a share.
  package var yLimits: ClosedRange<Double>?
  /// How values are written.
  package var yUnit: ChartUnit
  /// What the horizontal axis counts.
  package var xUnit: StepUnit
  /// Writes the places on the horizontal axis, given in `xUnit`s; nil writes numbers.
  package var xLabel: (@Sendable (Double) -> String)?
  /// Events, drawn as vertical lines.
  package var markers: [ChartMarker]
  /// The step whose values the legend shows, marked by a vertical line; nil shows the newest values.
  package var cursorStep: Int?
  /// Whether a line above the chart names the series.
  package var showsLegend: Bool
  /// What stands in the chart before the first point.
  package var emptyText: String
  /// What stands in the chart where there are points, but none of them, nor a line between two, at the steps shown: the
  /// first of these texts that fits.
  package var emptyWindowTexts: [String] = ["no points in this window", "no points here"]
  /// A word at the foot of the vertical axis, such as that it is logarithmic; it stands where the axis has a row below it.
  package var yNote = ""
  /// The role of the ground that the chart stands on.
  package var background: ThemeRole

  /// A chart of some series; everything else can be set afterwards.
  package init(
    series: [ChartSeries] = [], steps: ClosedRange<Double>? = nil, yScale: ChartScale = .linear,
    yRange: ClosedRange<Double>? = nil, yLimits: ClosedRange<Double>? = nil, yUnit: ChartUnit = .plain,
    xUnit: StepUnit = .steps, xLabel: (@Sendable (Double) -> String)? = nil, markers: [ChartMarker] = [],
    cursorStep: Int? = nil, showsLegend: Bool = true, emptyText: String = "no points yet",
    background: ThemeRole = .background
  ) {
    self.series = series
    self.steps = steps
    self.yScale = yScale
    self.yRange = yRange
    self.yLimits = yLimits
    self.yUnit = yUnit
    self.xUnit = xUnit
    self.xLabel = xLabel
    self.markers = markers
    self.cursorStep = cursorStep
    self.showsLegend = showsLegend
    self.emptyText = emptyText
    self.background = background
  }

  /// The steps from the first to the last point of all series; nil without points.
  package var extent: ClosedRange<Double>? {
    var result: ClosedRange<Double>?
    for entry in series {
      guard let first = entry.series.points.first?.step, let last = entry.series.last?.step else { continue }
      let lower = min(result?.lowerBound ?? .infinity, Double(first))
      result = lower...max(result?.upperBound ?? -.infinity, Double(last))
    }
    guard let found = result else { return nil }
    // A run that begins at step 1 begins at the axis' 0, and a single point is given a width.
    let lower = found.lowerBound <= 0.05 * found.upperBound ? min(0, found.lowerBound) : found.lowerBound
    return lower...max(found.upperBound, lower + 1)
  }

  /// Draws the chart into `area`.
  /// - Returns: where the data stands and what it spans, to find the step under the mouse.
  @discardableResult
  package func render(into frame: inout Frame, area: Rect, theme: Theme, glyphs: GlyphSet) -> ChartLayout {
    var painter = ChartPainter(chart: self, area: area.intersection(frame.bounds), theme: theme, glyphs: glyphs)
    painter.paint(into: &frame)
    return painter.layout
  }
}
