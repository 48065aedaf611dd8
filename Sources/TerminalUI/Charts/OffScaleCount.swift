import TrainingMetrics

/// How many points lie on one side of what a chart shows.
struct OffScaleCount {
  /// The points found.
  private(set) var points = 0
  /// Whether the search ended early, so that there may be more.
  private(set) var isLowerBound = false

  /// The number as a note shows it.
  var text: String { NumberFormat.grouped(points) + (isLowerBound ? "+" : "") }

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
