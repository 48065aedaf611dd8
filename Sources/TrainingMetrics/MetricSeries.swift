/// All points of one metric, with a pyramid of doubling buckets above them.
///
/// Level 0 holds the points; a bucket of level `k` sums up `2ᵏ` consecutive points. Appending is O(1) amortised, a
/// summary of any range of points O(log n): drawing a chart costs its width, however long the run.
///
/// Steps must not decrease; the points of a rewound lane belong to a new series.
package struct MetricSeries: Sendable {
  /// The points in the order in which they were appended.
  package private(set) var points: [MetricPoint] = []
  // levels[k - 1] holds the complete buckets of 2^k points.
  private var levels: [[MetricBucket]] = []
  private var total = MetricBucket()

  /// An empty series.
  package init() {}

  /// How many points there are.
  package var count: Int { points.count }
  /// The newest point.
  package var last: MetricPoint? { points.last }
  /// The summary of all points.
  package var summary: MetricBucket { total }

  /// Appends a point.
  /// - Precondition: its step is not less than the last one's.
  package mutating func append(_ point: MetricPoint) {
    precondition(points.last.map { $0.step <= point.step } ?? true, "the steps of a series must not decrease")
    points.append(point)
    total.add(point.value)
    var carry = MetricBucket()
    var level = 0
    var index = points.count
    // A bucket of level k is complete each time the count is a multiple of 2^k.
    while index % 2 == 0 {
      if level == 0 {
        carry.add(points[points.count - 2].value)
        carry.add(point.value)
      } else {
        var merged = levels[level - 1][levels[level - 1].count - 2]
        merged.merge(carry)
        carry = merged
      }
      if levels.count == level { levels.append([]) }
      levels[level].append(carry)
      index /= 2
      level += 1
    }
  }

  /// Appends points in order.
  package mutating func append(contentsOf newPoints: some Sequence<MetricPoint>) {
    for point in newPoints { append(point) }
  }

  /// The summary of the points at `range` (places in `points`).
  package func summary(of range: Range<Int>) -> MetricBucket {
    var result = MetricBucket()
    var lower = range.clamped(to: 0..<points.count).lowerBound
    let upper = range.clamped(to: 0..<points.count).upperBound
    while lower < upper {
      // The largest aligned bucket that starts here and does not pass the end.
      var level = min(lower == 0 ? Int.bitWidth - 2 : lower.trailingZeroBitCount, levels.count)
      while level > 0, lower + (1 << level) > upper { level -= 1 }
      if level == 0 {
        result.add(points[lower].value)
      } else {
        result.merge(levels[level - 1][lower >> level])
      }
      lower += 1 << level
    }
    return result
  }

  /// The place of the first point whose step is at least `step`; `count` when there is none.
  package func firstIndex(atOrAfter step: Int) -> Int {
    var low = 0
    var high = points.count
    while low < high {
      let middle = (low + high) / 2
      if points[middle].step < step { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The summaries of the points whose steps fall into each of `columns` equal parts of `steps`.
  ///
  /// Column `c` covers the steps `[lower + c·width/columns, lower + (c+1)·width/columns)`, the last one its upper bound too.
  /// - Returns: one bucket a column, empty where no point falls.
  package func columns(_ columns: Int, over steps: ClosedRange<Double>) -> [MetricBucket] {
    guard columns > 0 else { return [] }
    let width = (steps.upperBound - steps.lowerBound) / Double(columns)
    var result: [MetricBucket] = []
    result.reserveCapacity(columns)
    var start = firstIndex(atOrAfter: Int(steps.lowerBound.rounded(.up)))
    for column in 0..<columns {
      let edge = steps.lowerBound + Double(column + 1) * width
      let end =
        column == columns - 1
        ? firstIndex(atOrAfter: Int(steps.upperBound.rounded(.down)) + 1)
        : firstIndex(atOrAfter: Int(edge.rounded(.up)))
      result.append(summary(of: start..<max(start, end)))
      start = max(start, end)
    }
    return result
  }
}
