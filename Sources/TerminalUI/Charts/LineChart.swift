package import TrainingMetrics

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

/// A metric series as a chart draws it.
package struct ChartSeries: Sendable {
  /// How the line is drawn; `sparse` sets a dot every few columns, for what stands behind the other series.
  package enum Stroke: Hashable, Sendable { case solid, dashed, sparse }

  /// The points.
  package var series: MetricSeries
  /// The line's colour; the band behind it is a fainter one.
  package var color: Color
  /// Its name in the legend; an empty one leaves it out of the legend.
  package var label: String
  /// How much of the past the line keeps, 0 (none) to below 1; the raw values stay behind it as a band.
  package var smoothing: Double
  /// Whether the least and greatest values stand behind the line.
  package var showsBand: Bool
  /// How the line is drawn.
  package var stroke: Stroke
  /// Whether an error has ended the series: its last good value bears a mark.
  package var hasFailed: Bool
  /// The last step of which the series tells something; a cursor beyond it reads nothing. nil where the newest value holds.
  package var lastStep: Int?
  /// A letter that stands on the line here and there, where colours don't tell the lines apart; nil for none.
  package var letter: Unicode.Scalar?

  /// The place of the value that holds at a step; nil before the first and behind the last.
  func index(atStep step: Int) -> Int? {
    if let lastStep, step > lastStep { return nil }
    let index = series.firstIndex(atOrAfter: step + 1) - 1
    return index >= 0 ? index : nil
  }

  /// A series in a colour.
  package init(
    _ series: MetricSeries, color: Color, label: String = "", smoothing: Double = 0, showsBand: Bool = true,
    stroke: Stroke = .solid, hasFailed: Bool = false, lastStep: Int? = nil
  ) {
    self.series = series
    self.color = color
    self.label = label
    self.smoothing = smoothing
    self.showsBand = showsBand
    self.stroke = stroke
    self.hasFailed = hasFailed
    self.lastStep = lastStep
  }
}

/// An event at a step: a vertical line with a word beside it.
package struct ChartMarker: Hashable, Sendable {
  /// When it happened.
  package var step: Int
  /// What happened, in few words.
  package var label: String
  /// The colour of the line and the word.
  package var color: Color

  /// An event at `step`.
  package init(step: Int, label: String, color: Color) {
    self.step = step
    self.label = label
    self.color = color
  }
}

/// How a chart writes values.
package enum ChartUnit: Hashable, Sendable {
  /// As they are.
  case plain
  /// Shares (0...1) in percent.
  case percent

  /// A single value, as a legend shows it.
  package func text(_ value: Double) -> String {
    switch self {
    case .plain: NumberFormat.significant(value)
    case .percent: NumberFormat.percent(value)
    }
  }
}

/// What the horizontal axis counts.
package struct StepUnit: Hashable, Sendable {
  /// The unit's name, at the axis' end.
  package var name: String
  /// How many steps one unit has.
  package var stepsPerUnit: Double

  /// A unit of so many steps.
  package init(name: String, stepsPerUnit: Double) {
    self.name = name
    self.stepsPerUnit = stepsPerUnit > 0 ? stepsPerUnit : 1
  }

  /// Steps themselves.
  package static let steps = StepUnit(name: "step", stepsPerUnit: 1)

  /// Epochs of so many steps.
  package static func epochs(stepsPerEpoch: Int) -> StepUnit {
    StepUnit(name: "epoch", stepsPerUnit: Double(stepsPerEpoch))
  }

  /// A place on the axis, as a read-out shows it: `step 1,284`, `epoch 2.57`.
  package func text(step: Int) -> String {
    guard stepsPerUnit != 1 else { return "\(name) \(NumberFormat.grouped(step))" }
    return "\(name) \(NumberFormat.fixed(Double(step) / stepsPerUnit, decimals: 2))"
  }
}

/// How values become heights.
package enum ChartScale: String, Hashable, Sendable {
  /// Equal differences are equal heights.
  case linear
  /// Equal ratios are equal heights; values that are not positive lie below every chart.
  case log

  /// The value on the scale's own axis: itself, or its decimal logarithm (`-infinity` for what is not positive).
  package func project(_ value: Double) -> Double {
    switch self {
    case .linear: value
    case .log: value > 0 ? decimalLogarithm(value) : -.infinity
    }
  }

  /// The value that `project` takes to `position`.
  package func unproject(_ position: Double) -> Double {
    switch self {
    case .linear: position
    case .log: powerOfTen(position)
    }
  }
}

/// Where a chart's data stands on the screen and what it spans.
package struct ChartLayout: Hashable, Sendable {
  /// The cells of the data, without axes and legend.
  package var plot: Rect
  /// The steps from the left edge of the plot to its right edge.
  package var steps: ClosedRange<Double>
  /// The values from the bottom of the plot to its top.
  package var values: ClosedRange<Double>

  /// The step in the middle of a column of the frame; nil left and right of the plot.
  package func step(atColumn x: Int) -> Int? {
    guard x >= plot.x, x < plot.maxX else { return nil }
    let share = (Double(x - plot.x) + 0.5) / Double(plot.width)
    return Int((steps.lowerBound + share * (steps.upperBound - steps.lowerBound)).rounded())
  }

  /// The column of the frame that shows a step; nil when it lies outside.
  package func column(ofStep step: Double) -> Int? {
    guard steps.contains(step), plot.width > 0 else { return nil }
    let share = (step - steps.lowerBound) / (steps.upperBound - steps.lowerBound)
    return plot.x + min(plot.width - 1, Int(share * Double(plot.width)))
  }
}
