import TrainingMetrics

/// Finds the values that a chart shows.
struct ValueRange {
  /// The range on the scale's own axis: values, or their logarithms.
  var projected: ClosedRange<Double>

  /// A range where full values beyond the quantiles would take more than this many times the height is cut to them.
  private static let worthShowing = 2.5

  /// The range of the traces in the columns `0...columns`: their 5-95 % quantiles (all values where those are at most
  /// `worthShowing` times as much), 5 % more on either side, rounded outwards to the axis' finer ticks.
  init(traces: [ChartTrace], bands: [Bool], columns: Int, chart: LineChart, tickCount: Int) {
    var low = Double.infinity
    var high = -Double.infinity
    for (trace, band) in zip(traces, bands) {
      guard let part = ValueRange.extent(of: trace, band: band, columns: Double(columns), scale: chart.yScale) else {
        continue
      }
      low = min(low, part.lowerBound)
      high = max(high, part.upperBound)
    }
    if low > high { (low, high) = chart.yScale == .linear ? (0, 1) : (-3, 0) }
    projected = ValueRange.rounded(low...high, chart: chart, tickCount: tickCount)
  }

  /// A range that was asked for.
  init(_ values: ClosedRange<Double>, scale: ChartScale) {
    var low = scale.project(values.lowerBound)
    var high = scale.project(values.upperBound)
    if !high.isFinite { high = 0 }
    if !low.isFinite { low = high - 4 }
    projected = low < high ? low...high : low - 0.5...high + 0.5
  }

  private static func extent(
    of trace: ChartTrace, band: Bool, columns: Double, scale: ChartScale
  ) -> ClosedRange<Double>? {
    var values: [Double] = []
    values.reserveCapacity(trace.points.count * 2)
    for point in trace.points where point.x >= 0 && point.x <= columns && point.line.isFinite {
      if band {
        let low = scale.project(point.low)
        if low.isFinite { values.append(low) }
        if point.high != point.low || !low.isFinite {
          let high = scale.project(point.high)
          if high.isFinite { values.append(high) }
        }
      } else {
        let line = scale.project(point.line)
        if line.isFinite { values.append(line) }
      }
    }
    guard !values.isEmpty else { return nil }
    values.sort()
    let full = values[0]...values[values.count - 1]
    let inner = quantile(0.05, of: values)...quantile(0.95, of: values)
    let innerSpan = inner.upperBound - inner.lowerBound
    // Few points, or many equal ones, have no tails to cut.
    if values.count < 6 || innerSpan == 0 { return full }
    return full.upperBound - full.lowerBound <= worthShowing * innerSpan ? full : inner
  }

  /// The `q`-quantile of ascending values, interpolated.
  static func quantile(_ q: Double, of sorted: [Double]) -> Double {
    let place = q * Double(sorted.count - 1)
    let index = Int(place)
    guard index + 1 < sorted.count else { return sorted[sorted.count - 1] }
    return sorted[index] + (place - Double(index)) * (sorted[index + 1] - sorted[index])
  }

  private static func rounded(_ range: ClosedRange<Double>, chart: LineChart, tickCount: Int) -> ClosedRange<Double> {
    var (low, high) = (range.lowerBound, range.upperBound)
    if high - low <= abs(high) * 1e-7 {
      // A constant: a range around it, so that the line stands in the middle.
      let margin = chart.yScale == .log ? 0.5 : max(abs(high) * 0.05, 1e-9)
      (low, high) = (low - margin, high + margin)
    } else {
      let padding = 0.05 * (high - low)
      (low, high) = (low - padding, high + padding)
    }
    switch chart.yScale {
    case .linear:
      // What is never negative has no negative axis.
      if range.lowerBound >= 0 { low = max(0, low) }
      if let limits = chart.yLimits { (low, high) = (max(low, limits.lowerBound), min(high, limits.upperBound)) }
      let tick = RoundStep.atLeast((high - low) / Double(max(1, tickCount)))
      let fine = RoundStep.finer(than: tick)
      low = (low / fine + 1e-6).rounded(.down) * fine
      high = (high / fine - 1e-6).rounded(.up) * fine
      if let limits = chart.yLimits { (low, high) = (max(low, limits.lowerBound), min(high, limits.upperBound)) }
    case .log:
      // To tenths of a decade.
      low = (low * 10 + 1e-6).rounded(.down) / 10
      high = (high * 10 - 1e-6).rounded(.up) / 10
    }
    return low < high ? low...high : low...(low + 1)
  }
}

/// How many points lie on one side of what a chart shows.
struct OffScaleCount {
  /// The points found.
  private(set) var points = 0
  /// Whether the search ended early, so that there may be more.
  private(set) var isLowerBound = false

  /// The number as a note shows it: of many, and where there may be more, the first digit: `200+`. It tells as much, and
  /// stands longer.
  var text: String {
    if points < 10 || points < 100 && !isLowerBound { return NumberFormat.grouped(points) + (isLowerBound ? "+" : "") }
    var unit = 10
    while points >= 10 * unit { unit *= 10 }
    return NumberFormat.grouped(points / unit * unit) + (isLowerBound || points % unit > 0 ? "+" : "")
  }

  /// Counts the points of `range` above and below `values`.
  ///
  /// Halves the range, the largest parts first, as long as the pyramid says that a part holds points on both sides of
  /// an edge. A noisy series can have thousands of such places: after some hundred the count is a lower bound, and
  /// says so.
  static func count(
    _ series: MetricSeries, _ range: Range<Int>, values: ClosedRange<Double>, above: inout OffScaleCount,
    below: inout OffScaleCount
  ) {
    // Float's rounding of a value on the edge must not put it beyond.
    let margin = (values.upperBound - values.lowerBound) * 1e-6
    let low = Float(values.lowerBound - margin)
    let high = Float(values.upperBound + margin)
    var pending = [range]
    var next = 0
    while next < pending.count {
      let part = pending[next]
      next += 1
      let summary = series.summary(of: part)
      if summary.count == 0 || summary.minimum >= low && summary.maximum <= high { continue }
      if summary.minimum > high {
        above.points += summary.count
      } else if summary.maximum < low {
        below.points += summary.count
      } else if next > 300 || part.count == 1 {
        if summary.maximum > high { above.addUnsure() }
        if summary.minimum < low { below.addUnsure() }
      } else {
        // Halves that begin where the pyramid's buckets do are summed up in one look.
        let half = 1 << (Int.bitWidth - 1 - (part.count - 1).leadingZeroBitCount)
        let aligned = (part.lowerBound + half) / half * half
        let middle = aligned > part.lowerBound && aligned < part.upperBound ? aligned : part.lowerBound + part.count / 2
        pending.append(part.lowerBound..<middle)
        pending.append(middle..<part.upperBound)
      }
    }
  }

  private mutating func addUnsure() {
    points += 1
    isLowerBound = true
  }
}
