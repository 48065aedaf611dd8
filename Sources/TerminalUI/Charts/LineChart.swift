package import TrainingMetrics

/// Metric series over steps, drawn in dots.
///
/// Behind each line there is a fainter band from the minimum to the maximum, computed from the series' pyramid, so
/// that no
/// spike is lost at any width. Drawing costs O(width · log(number of points)).
package struct LineChart: Sendable {
  /// The series; later ones are drawn on top.
  package var series: [ChartSeries]
  /// Series that are not drawn, but lie in an automatic range of values: those of charts beside this one.
  package var references: [ChartSeries] = []
  /// The visible steps; nil for all.
  package var steps: ClosedRange<Double>?
  /// The vertical scale.
  package var yScale: ChartScale
  /// The visible values; nil for the 5-95 % quantiles, or all values if that needs little more height.
  package var yRange: ClosedRange<Double>?
  /// Limits of an automatic range, such as 0...1 for a share.
  package var yLimits: ClosedRange<Double>?
  /// The format of values.
  package var yUnit: ChartUnit
  /// The unit of the horizontal axis.
  package var xUnit: StepUnit
  /// The horizontal scale.
  package var xScale = StepScale.linear
  /// The visible positions on the horizontal scale; nil for those of `steps`.
  package var positions: ClosedRange<Double>?
  /// Events, drawn as vertical lines.
  package var markers: [ChartMarker]
  /// The step whose values the legend shows, marked by a vertical line; nil for the newest values.
  package var cursorStep: Int?
  /// Whether a line above the chart shows the legend.
  package var showsLegend: Bool
  /// The text of a chart without points.
  package var emptyText: String
  /// The texts for a chart whose points are all outside of the visible steps, without a line through them: the
  /// first that fits is shown.
  package var emptyWindowTexts: [String] = ["no points in this window", "no points here"]
  /// A note at the bottom of the vertical axis, such as “log”; shown if there is a row below the axis.
  package var yNote = ""
  /// The theme role of the background.
  package var background: ThemeRole

  /// A chart of some series; all other properties can be set afterwards.
  package init(
    series: [ChartSeries] = [], steps: ClosedRange<Double>? = nil, yScale: ChartScale = .linear,
    yRange: ClosedRange<Double>? = nil, yLimits: ClosedRange<Double>? = nil, yUnit: ChartUnit = .plain,
    xUnit: StepUnit = .steps, markers: [ChartMarker] = [], cursorStep: Int? = nil, showsLegend: Bool = true,
    emptyText: String = "no points yet", background: ThemeRole = .background
  ) {
    self.series = series
    self.steps = steps
    self.yScale = yScale
    self.yRange = yRange
    self.yLimits = yLimits
    self.yUnit = yUnit
    self.xUnit = xUnit
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
    // A run that starts at step 1 starts at 0 on the axis, and a single point gets some width.
    let lower = found.lowerBound <= 0.05 * found.upperBound ? min(0, found.lowerBound) : found.lowerBound
    return lower...max(found.upperBound, lower + 1)
  }

  /// The horizontal scale of a series.
  func scale(of source: ChartSeries) -> StepScale { source.clock.map(StepScale.time) ?? xScale }

  /// The index of a series' value at the cursor, or of the newest one if there is no cursor; nil if there is none.
  func shownIndex(of source: ChartSeries) -> Int? {
    guard let cursorStep else { return source.series.count > 0 ? source.series.count - 1 : nil }
    guard let clock = source.clock, case .time(let own) = xScale else { return source.index(atStep: cursorStep) }
    let step = StepScale.time(clock).step(at: own.seconds(atStep: Double(cursorStep)))
    return source.index(atStep: Int(max(-1, min(1e15, step.rounded(.down)))))
  }

  /// Draws the chart into `area`.
  /// - Returns: the layout of the data, to find the step under the mouse.
  @discardableResult
  package func render(into frame: inout Frame, area: Rect, theme: Theme, glyphs: GlyphSet) -> ChartLayout {
    var painter = ChartPainter(chart: self, area: area.intersection(frame.bounds), theme: theme, glyphs: glyphs)
    painter.paint(into: &frame)
    return painter.layout
  }
}

/// A metric series in a chart.
package struct ChartSeries: Sendable {
  /// The stroke of the line; `sparse` sets a dot every few columns, for series in the background.
  package enum Stroke: Hashable, Sendable { case solid, dashed, sparse }

  /// The extreme values.
  package enum Extreme: Hashable, Sendable { case least, greatest }

  /// The points.
  package var series: MetricSeries
  /// The colour of the line; the band is a fainter one.
  package var color: Color
  /// The name in the legend; empty for none.
  package var label: String
  /// The smoothing weight, from 0 (none) to below 1; the band shows raw values.
  package var smoothing: Double
  /// Whether a band shows the minimum and maximum.
  package var showsBand: Bool
  /// The stroke of the line.
  package var stroke: Stroke
  /// Whether the series ended with an error: its last finite value gets a mark.
  package var hasFailed: Bool
  /// The last step that the series covers; a cursor beyond it shows no value. nil if the newest value remains valid.
  package var lastStep: Int?
  /// The times of the series' steps, in a chart over time whose series have different ones; nil for the chart's.
  package var clock: StepClock?
  /// The extreme value that gets a mark; nil for none.
  package var extreme: Extreme?
  /// A letter that is drawn repeatedly on the line if colours cannot distinguish the lines; nil for none.
  package var letter: Unicode.Scalar?

  /// The index of the value that is valid at a step; nil before the first and after the last.
  func index(atStep step: Int) -> Int? {
    if let lastStep, step > lastStep { return nil }
    let index = series.firstIndex(atOrAfter: step + 1) - 1
    return index >= 0 ? index : nil
  }

  /// A series in a colour.
  package init(
    _ series: MetricSeries, color: Color, label: String = "", smoothing: Double = 0, showsBand: Bool = true,
    stroke: Stroke = .solid, hasFailed: Bool = false, lastStep: Int? = nil, extreme: Extreme? = nil
  ) {
    self.series = series
    self.color = color
    self.label = label
    self.smoothing = smoothing
    self.showsBand = showsBand
    self.stroke = stroke
    self.hasFailed = hasFailed
    self.lastStep = lastStep
    self.extreme = extreme
  }
}

/// An event at a step: a vertical line with a label.
package struct ChartMarker: Hashable, Sendable {
  /// The step of the event.
  package var step: Int
  /// A short description.
  package var label: String
  /// The colour of the line and the word.
  package var color: Color
  /// The times of its lane's steps, as in `ChartSeries.clock`.
  package var clock: StepClock?

  /// An event at `step`.
  package init(step: Int, label: String, color: Color) {
    self.step = step
    self.label = label
    self.color = color
  }
}

/// The format of values in a chart.
package enum ChartUnit: Hashable, Sendable {
  /// Unchanged.
  case plain
  /// Shares (0...1) in percent.
  case percent

  /// A single value, as in a legend.
  package func text(_ value: Double) -> String {
    switch self {
    case .plain: NumberFormat.significant(value)
    case .percent: NumberFormat.percent(value)
    }
  }
}

/// The mapping from values to heights.
package enum ChartScale: String, Hashable, Sendable {
  /// Equal differences are equal heights.
  case linear
  /// Equal ratios are equal heights; values that are not positive are below every chart.
  case log

  /// The projected value: the value itself, or its decimal logarithm (`-infinity` if not positive).
  package func project(_ value: Double) -> Double {
    switch self {
    case .linear: value
    case .log: value > 0 ? decimalLogarithm(value) : -.infinity
    }
  }

  /// The value whose projection is `position`.
  package func unproject(_ position: Double) -> Double {
    switch self {
    case .linear: position
    case .log: powerOfTen(position)
    }
  }
}

/// The position and range of a chart's data on the screen.
package struct ChartLayout: Hashable, Sendable {
  /// The cells of the data, without axes and legend.
  package var plot: Rect
  /// The horizontal scale.
  package var scale: StepScale
  /// The positions on the scale from the left to the right edge of the plot.
  package var positions: ClosedRange<Double>
  /// The values from the bottom to the top of the plot.
  package var values: ClosedRange<Double>

  /// A layout.
  package init(
    plot: Rect, scale: StepScale = .linear, positions: ClosedRange<Double>, values: ClosedRange<Double>
  ) {
    self.plot = plot
    self.scale = scale
    self.positions = positions
    self.values = values
  }

  /// The step in the middle of a column of the frame; nil outside of the plot.
  package func step(atColumn x: Int) -> Int? {
    guard x >= plot.x, x < plot.maxX else { return nil }
    let share = (Double(x - plot.x) + 0.5) / Double(plot.width)
    let position = positions.lowerBound + share * (positions.upperBound - positions.lowerBound)
    return Int(max(-1e15, min(1e15, scale.step(at: position))).rounded())
  }

  /// The column of the frame that shows a step; nil if it is outside.
  /// - Parameter clock: the times of the lane's steps; nil for the chart's.
  package func column(ofStep step: Double, clock: StepClock? = nil) -> Int? {
    column(of: (clock.map(StepScale.time) ?? scale).position(ofStep: step))
  }

  /// The column of the frame that shows a position; nil if it is outside.
  func column(of position: Double) -> Int? {
    guard positions.contains(position), plot.width > 0 else { return nil }
    let share = (position - positions.lowerBound) / (positions.upperBound - positions.lowerBound)
    return plot.x + min(plot.width - 1, Int(share * Double(plot.width)))
  }
}
