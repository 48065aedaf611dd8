import TrainingMetrics

/// What a chart draws of one series: a point for every column of dots, or every measured point where they are few.
struct ChartTrace {
  /// A point, or the summary of the points in one column.
  struct Point {
    /// The place in columns of dots; it may lie outside the chart.
    var x: Double
    /// The least and the greatest value.
    var low: Double, high: Double
    /// The height of the line: the mean, smoothed; NaN where the line breaks.
    var line: Double
    /// Whether a value was not a number.
    var hasNonFinite: Bool
  }

  /// The points from left to right, with those just outside that the line comes from and goes to.
  var points: [Point] = []
  /// Whether each point is a measured one.
  var isSparse: Bool
  /// The places in the series of the points that lie in the chart.
  var indices: Range<Int>

  /// How far back the smoothing looks: with the weight `w` it keeps `wᵏ` of what lies `k / 600` of the chart's width
  /// back, whatever the zoom and however many points there are.
  private static let smoothingScale = 600.0

  /// The trace of a series over `steps` in `columns` columns of dots.
  init(_ source: ChartSeries, steps: ClosedRange<Double>, columns: Int) {
    let series = source.series
    let span = steps.upperBound - steps.lowerBound
    let first = series.firstIndex(atOrAfter: ChartTrace.integer(steps.lowerBound.rounded(.up)))
    let end = series.firstIndex(atOrAfter: ChartTrace.integer(steps.upperBound.rounded(.down)) + 1)
    indices = first..<max(first, end)
    isSparse = indices.count <= columns
    let weight = max(0, min(0.9999, source.smoothing))
    // Columns of warm-up left of the chart, until 2 % of their weight is left: zooming must not bend the line.
    let reach = weight > 0 ? decimalLogarithm(0.02) / decimalLogarithm(weight) / ChartTrace.smoothingScale : 0
    if isSparse {
      var lower = max(0, first - 1)
      if reach > 0 {
        let from = series.firstIndex(atOrAfter: ChartTrace.integer(steps.lowerBound - reach * span))
        lower = max(min(lower, from), first - 2 * columns, 0)
      }
      let upper = min(series.count, indices.upperBound + 1)
      points.reserveCapacity(upper - lower)
      for place in lower..<max(lower, upper) {
        let (point, bucket) = (series.points[place], series.bucket(at: place))
        let value = Double(point.value)
        // A place of a coarsened series stands for several points.
        let isOne = bucket.size == 1
        points.append(
          Point(
            x: (Double(point.step) - steps.lowerBound) / span * Double(columns),
            low: isOne ? value : Double(bucket.minimum), high: isOne ? value : Double(bucket.maximum),
            line: value.isFinite ? value : .nan, hasNonFinite: bucket.nonFiniteCount > 0))
      }
    } else {
      let width = span / Double(columns)
      let before = first > 0 ? max(1, min(columns, Int((reach * Double(columns)).rounded(.up)))) : 0
      let after = end < series.count ? 1 : 0
      let range = (steps.lowerBound - Double(before) * width)...(steps.upperBound + Double(after) * width)
      points.reserveCapacity(before + columns + after)
      for (column, bucket) in series.columns(before + columns + after, over: range).enumerated() where !bucket.isEmpty {
        points.append(
          Point(
            x: Double(column - before) + 0.5, low: Double(bucket.minimum), high: Double(bucket.maximum),
            line: bucket.mean ?? .nan, hasNonFinite: bucket.nonFiniteCount > 0))
      }
    }
    if weight > 0, series.summary.minimum < series.summary.maximum { smooth(weight, columns: columns) }
  }

  /// Replaces the line by its exponential mean, debiased: `mₙ = Σ wᵏ xₙ₋ₖ / Σ wᵏ`, over finite values.
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

  /// The step as an integer, however far off a zoom has gone.
  private static func integer(_ step: Double) -> Int { Int(max(-1e15, min(1e15, step))) }
}
