// Limits the size of a long series: the newest points are kept, older ones are summarized.

extension MetricSeries {
  /// The maximum number of entries of a coarsened series.
  package static let mostPlaces = 16_384
  /// This many of the newest points are never summarized.
  package static let newestPoints = 4096

  /// Whether some entry summarizes several points.
  package var isCoarse: Bool { pointCount > count }

  /// Summarizes the older points if there are more than `mostPlaces` entries. Each new entry summarizes the same number
  /// of points, a power of two, chosen so that about half of the capacity becomes free. Minima, maxima and non-finite
  /// values are kept.
  package mutating func coarsen() {
    let refined = refinedPlaces
    guard count - refined.count > Self.mostPlaces else { return }
    let older = count - Self.newestPoints
    let width = Self.width(of: summary(of: 0..<older).size - refined.clamped(to: 0..<older).count)
    var result = MetricSeries()
    var bucket = MetricBucket()
    for place in 0..<older {
      if refined.contains(place) {
        if !bucket.isEmpty { result.append(bucket, upTo: points[place - 1].step) }
        bucket = MetricBucket()
        result.append(points[place])
        continue
      }
      bucket.merge(self.bucket(at: place))
      guard bucket.size >= width || place == older - 1 else { continue }
      result.append(bucket, upTo: points[place].step)
      bucket = MetricBucket()
    }
    result.append(older..<count, of: self)
    result.refinedSteps = refinedSteps
    self = result
  }

  /// Returns the steps of the entries that summarize points within `steps`, to request these points at full resolution.
  /// Nil if nothing is summarized there, or if there would be more than `count` points.
  package func coarseSteps(in steps: ClosedRange<Int>, count: Int) -> ClosedRange<Int>? {
    let first = firstIndex(atOrAfter: steps.lowerBound)
    let end = min(self.count, firstIndex(atOrAfter: steps.upperBound) + 1)
    let coarseEnd = min(end, bucketCount)
    guard first < coarseEnd, summary(of: first..<end).size <= count,
      (first..<coarseEnd).contains(where: { bucket(at: $0).size > 1 })
    else { return nil }
    return (first == 0 ? 0 : points[first - 1].step + 1)...points[end - 1].step
  }

  /// Replaces summaries by their points, until another range is refined.
  /// - Parameter steps: a result of `coarseSteps`.
  /// - Returns: false, with nothing changed, if the points are not those that are summarized there.
  package mutating func refine(_ steps: ClosedRange<Int>, with exact: [MetricPoint]) -> Bool {
    let first = firstIndex(atOrAfter: steps.lowerBound)
    let end = firstIndex(atOrAfter: steps.upperBound == .max ? .max : steps.upperBound + 1)
    guard first < end, points[end - 1].step == exact.last?.step, summary(of: first..<end).size == exact.count,
      exact.allSatisfy({ steps.contains($0.step) }), zip(exact, exact.dropFirst()).allSatisfy({ $0.step <= $1.step })
    else { return false }
    var result = MetricSeries()
    result.append(0..<first, of: self)
    result.append(contentsOf: exact)
    result.append(end..<count, of: self)
    result.refinedSteps = steps
    self = result
    // Summarizes the previously refined points again.
    coarsen()
    return true
  }

  // The entries that were refined last.
  private var refinedPlaces: Range<Int> {
    guard let steps = refinedSteps else { return 0..<0 }
    let first = firstIndex(atOrAfter: steps.lowerBound)
    let end = firstIndex(atOrAfter: steps.upperBound == .max ? .max : steps.upperBound + 1)
    return first..<max(first, end)
  }

  /// Appends `count` points. If there are more than `mostPlaces`, the older ones are summarized at once, with the same
  /// result as `coarsen`.
  /// - Parameter next: returns the points in order, then nil.
  package mutating func append(count: Int, _ next: () throws -> MetricPoint?) rethrows {
    let older = count > Self.mostPlaces ? count - Self.newestPoints : 0
    let width = Self.width(of: older)
    var (bucket, step, place) = (MetricBucket(), 0, 0)
    while let point = try next() {
      place += 1
      guard place <= older else {
        append(point)
        continue
      }
      bucket.add(point.value)
      step = point.step
      guard bucket.size == width || place == older else { continue }
      append(bucket, upTo: step)
      bucket = MetricBucket()
    }
    if !bucket.isEmpty { append(bucket, upTo: step) }
    coarsen()
  }

  // The number of points per entry that frees about half of the capacity for `points` older points.
  private static func width(of points: Int) -> Int {
    var width = 1
    while width * (mostPlaces - newestPoints) / 2 < points { width *= 2 }
    return width
  }

  /// Removes the entries after `step`, including one whose last point lies after it.
  package mutating func removeAll(after step: Int) {
    let end = firstIndex(atOrAfter: step == .max ? .max : step + 1)
    guard end < count else { return }
    var result = MetricSeries()
    result.append(0..<end, of: self)
    self = result
  }

  /// Returns the position of the point with this index, from 0: the last step before it, and its offset after that
  /// step.
  package func location(ofPoint index: Int) -> (step: Int, offset: Int) {
    var (before, step) = (0, Int.min)
    for place in 0..<count {
      let size = place < bucketCount ? bucket(at: place).size : 1
      guard before + size <= index else { break }
      before += size
      step = points[place].step
    }
    return (step, index - before)
  }
}
