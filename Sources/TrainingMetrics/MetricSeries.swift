/// The points of one metric, with a pyramid of summaries for fast drawing.
///
/// A series consists of entries in the order of their steps. An entry is a point or, in the older part of a long series
/// that was coarsened, a summary of several points. Level 0 contains the entries; a bucket of level `k` summarizes `2ᵏ`
/// consecutive entries. Appending takes amortized O(1) time, and summarizing any range of entries O(log n), so drawing
/// a chart takes time proportional to its width, however long the run is.
///
/// Steps must not decrease; the points of a rewound lane belong to a new series.
package struct MetricSeries: Hashable, Sendable {
  /// The entries in order. An entry that summarizes several points has the step of the last one and their mean.
  package private(set) var points: [MetricPoint] = []
  /// The number of points, including summarized ones.
  package private(set) var pointCount = 0
  /// The steps that were refined last, which `coarsen` does not summarize.
  package var refinedSteps: ClosedRange<Int>?
  // The summaries of the first entries; the entries after them are single points.
  private var buckets: [MetricBucket] = []
  // levels[k - 1] contains the complete buckets of 2^k entries.
  private var levels: [[MetricBucket]] = []
  private var total = MetricBucket()

  /// An empty series.
  package init() {}

  /// A series of points.
  package init(_ points: some Sequence<MetricPoint>) {
    self.init()
    append(contentsOf: points)
  }

  /// The number of entries.
  package var count: Int { points.count }
  /// The number of leading entries that may summarize several points.
  package var bucketCount: Int { buckets.count }
  /// The newest point.
  package var last: MetricPoint? { points.last }
  /// The summary of all points.
  package var summary: MetricBucket { total }

  /// Appends a point.
  /// - Precondition: its step is not less than that of the last point.
  package mutating func append(_ point: MetricPoint) {
    precondition(points.last.map { $0.step <= point.step } ?? true, "the steps of a series must not decrease")
    points.append(point)
    grow(by: MetricBucket(point.value))
  }

  /// Appends the summary of consecutive points up to `step`.
  /// - Precondition: the step is not less than that of the last point.
  package mutating func append(_ bucket: MetricBucket, upTo step: Int) {
    precondition(points.last.map { $0.step <= step } ?? true, "the steps of a series must not decrease")
    while buckets.count < points.count { buckets.append(MetricBucket(points[buckets.count].value)) }
    buckets.append(bucket)
    points.append(MetricPoint(step: step, value: bucket.mean.map { Float($0) } ?? .nan))
    grow(by: bucket)
  }

  private mutating func grow(by bucket: MetricBucket) {
    total.merge(bucket)
    pointCount += bucket.size
    var carry = bucket
    var level = 0
    var index = points.count
    // A bucket of level k is complete each time the count is a multiple of 2^k.
    while index % 2 == 0 {
      var merged = level == 0 ? self.bucket(at: points.count - 2) : levels[level - 1][levels[level - 1].count - 2]
      merged.merge(carry)
      carry = merged
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

  /// Appends entries of another series.
  package mutating func append(_ places: Range<Int>, of other: MetricSeries) {
    for place in places {
      if place < other.buckets.count {
        append(other.buckets[place], upTo: other.points[place].step)
      } else {
        append(other.points[place])
      }
    }
    guard let refined = other.refinedSteps else { return }
    let own = refinedSteps ?? refined
    refinedSteps = min(own.lowerBound, refined.lowerBound)...max(own.upperBound, refined.upperBound)
  }

  /// Returns the summary of an entry.
  package func bucket(at place: Int) -> MetricBucket {
    place < buckets.count ? buckets[place] : MetricBucket(points[place].value)
  }

  /// Returns the summary of the entries in `range` (indices into `points`).
  package func summary(of range: Range<Int>) -> MetricBucket {
    var result = MetricBucket()
    var lower = range.clamped(to: 0..<points.count).lowerBound
    let upper = range.clamped(to: 0..<points.count).upperBound
    while lower < upper {
      // The largest aligned bucket that starts here and does not extend beyond the end.
      var level = min(lower == 0 ? Int.bitWidth - 2 : lower.trailingZeroBitCount, levels.count)
      while level > 0, lower + (1 << level) > upper { level -= 1 }
      result.merge(level == 0 ? bucket(at: lower) : levels[level - 1][lower >> level])
      lower += 1 << level
    }
    return result
  }

  /// Returns the index of the first entry whose step is at least `step`; `count` if there is none.
  package func firstIndex(atOrAfter step: Int) -> Int {
    var low = 0
    var high = points.count
    while low < high {
      let middle = (low + high) / 2
      if points[middle].step < step { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Summarizes `range` in `columns` parts of equal width.
  ///
  /// Column `c` covers the positions `[lower + c·width/columns, lower + (c+1)·width/columns)`; the last one includes its
  /// upper bound.
  /// - Parameter step: the step at a position, ascending; by default, positions are steps.
  /// - Returns: one bucket per column, empty if no point lies in it.
  package func columns(
    _ columns: Int, over range: ClosedRange<Double>, step: (Double) -> Double = { $0 }
  ) -> [MetricBucket] {
    guard columns > 0 else { return [] }
    let width = (range.upperBound - range.lowerBound) / Double(columns)
    var result: [MetricBucket] = []
    result.reserveCapacity(columns)
    func whole(_ position: Double, _ rule: FloatingPointRoundingRule) -> Int {
      Int(max(-1e15, min(1e15, step(position).rounded(rule))))
    }
    var start = firstIndex(atOrAfter: whole(range.lowerBound, .up))
    for column in 0..<columns {
      let edge = range.lowerBound + Double(column + 1) * width
      let end =
        column == columns - 1
        ? firstIndex(atOrAfter: whole(range.upperBound, .down) + 1)
        : firstIndex(atOrAfter: whole(edge, .up))
      result.append(summary(of: start..<max(start, end)))
      start = max(start, end)
    }
    return result
  }
}
