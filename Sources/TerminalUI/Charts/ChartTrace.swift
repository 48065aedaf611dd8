import TrainingMetrics

/// The data that a chart draws for one series: a point per column of dots, or every measured point if there are few.
struct ChartTrace {
  /// A point, or the summary of the points in one column.
  struct Point {
    /// The position in columns of dots; may be outside of the chart.
    var x: Double
    /// The minimum and the maximum.
    var low: Double, high: Double
    /// The position of the line: the smoothed mean; NaN where the line is interrupted.
    var line: Double
    /// Whether a value was not finite.
    var hasNonFinite: Bool
  }

  /// The points from left to right, including the next ones outside of the chart, to which lines lead.
  var points: [Point] = []
  /// Whether each point is a measured one.
  var isSparse: Bool
  /// The indices in the series of the points inside the chart.
  var indices: Range<Int>

  /// The scale of smoothing: with the weight `w`, a value at the distance of `k / 600` of the chart's width has the
  /// weight `wᵏ`,
  /// independent of zoom and number of points.
  private static let smoothingScale = 600.0

  /// The trace of a series for `positions` of a scale in `columns` columns of dots.
  init(_ source: ChartSeries, scale: StepScale, positions: ClosedRange<Double>, columns: Int) {
    let series = source.series
    let span = positions.upperBound - positions.lowerBound
    let steps = scale.step(at: positions.lowerBound)...scale.step(at: positions.upperBound)
    let first = series.firstIndex(atOrAfter: ChartTrace.integer(steps.lowerBound.rounded(.up)))
    let end = series.firstIndex(atOrAfter: ChartTrace.integer(steps.upperBound.rounded(.down)) + 1)
    indices = first..<max(first, end)
    isSparse = indices.count <= columns
    let weight = max(0, min(0.9999, source.smoothing))
    // Include columns left of the chart, until 2 % of their weight remains: zooming must not change the line.
    let reach = weight > 0 ? decimalLogarithm(0.02) / decimalLogarithm(weight) / ChartTrace.smoothingScale : 0
    if isSparse {
      var lower = max(0, first - 1)
      if reach > 0 {
        let from = series.firstIndex(atOrAfter: ChartTrace.integer(scale.step(at: positions.lowerBound - reach * span)))
        lower = max(min(lower, from), first - 2 * columns, 0)
      }
      let upper = min(series.count, indices.upperBound + 1)
      points.reserveCapacity(upper - lower)
      for place in lower..<max(lower, upper) {
        let (point, bucket) = (series.points[place], series.bucket(at: place))
        let value = Double(point.value)
        // An entry of a coarsened series represents several points.
        let isOne = bucket.size == 1
        points.append(
          Point(
            x: (scale.position(ofStep: Double(point.step)) - positions.lowerBound) / span * Double(columns),
            low: isOne ? value : Double(bucket.minimum), high: isOne ? value : Double(bucket.maximum),
            line: value.isFinite ? value : .nan, hasNonFinite: bucket.nonFiniteCount > 0))
      }
    } else {
      let width = span / Double(columns)
      let before = first > 0 ? max(1, min(columns, Int((reach * Double(columns)).rounded(.up)))) : 0
      let after = end < series.count ? 1 : 0
      let range = (positions.lowerBound - Double(before) * width)...(positions.upperBound + Double(after) * width)
      points.reserveCapacity(before + columns + after)
      let buckets = series.columns(before + columns + after, over: range, step: scale.step(at:))
      for (column, bucket) in buckets.enumerated() where !bucket.isEmpty {
        points.append(
          Point(
            x: Double(column - before) + 0.5, low: Double(bucket.minimum), high: Double(bucket.maximum),
            line: bucket.mean ?? .nan, hasNonFinite: bucket.nonFiniteCount > 0))
      }
    }
    if weight > 0, series.summary.minimum < series.summary.maximum { smooth(weight, columns: columns) }
  }

  /// Smooths the line by a debiased exponential mean over finite values, `mₙ = Σ wᵏ xₙ₋ₖ / Σ wᵏ`.
  private mutating func smooth(_ weight: Double, columns: Int) {
    let perColumn = power(weight, ChartTrace.smoothingScale / Double(columns))
    var sum = 0.0
    var weights = 0.0
    var previous: Double?
    var decay = 0.0
    var gap = -1.0
    for index in points.indices where points[index].line.isFinite {
      let distance = previous.map { points[index].x - $0 } ?? 0
      if distance != gap {
        gap = distance
        decay = distance == 1 ? perColumn : power(perColumn, distance)
      }
      sum = sum * decay + points[index].line
      weights = weights * decay + 1
      points[index].line = sum / weights
      previous = points[index].x
    }
  }

  /// The step as an integer, clamped for extreme zooms.
  private static func integer(_ step: Double) -> Int { Int(max(-1e15, min(1e15, step))) }
}
