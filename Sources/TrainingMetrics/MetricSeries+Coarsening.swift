// How a long series is kept small: the newest points as they are, those before summed up.

extension MetricSeries {
  /// The most places that a coarsened series has.
  package static let mostPlaces = 16_384
  /// So many of the newest points are never summed up.
  package static let newestPoints = 4096

  /// Whether some place stands for more than a point.
  package var isCoarse: Bool { pointCount > count }

  /// Sums up the points before the newest where there are more than `mostPlaces` places: into places of equally many
  /// points, a power of two, so that about half of the room is free again. No extreme and no value that is not finite is
  /// lost.
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

  /// The steps of the places that sum up points within `steps`, so many that they are `count` points at most: what to ask
  /// for to show them as they were measured. Nil where nothing is summed up there, or too much.
  package func coarseSteps(in steps: ClosedRange<Int>, count: Int) -> ClosedRange<Int>? {
    let first = firstIndex(atOrAfter: steps.lowerBound)
    let end = min(self.count, firstIndex(atOrAfter: steps.upperBound) + 1)
    let coarseEnd = min(end, bucketCount)
    guard first < coarseEnd, summary(of: first..<end).size <= count,
      (first..<coarseEnd).contains(where: { bucket(at: $0).size > 1 })
    else { return nil }
    return (first == 0 ? 0 : points[first - 1].step + 1)...points[end - 1].step
  }

  /// Puts points in the place of what sums them up, until other ones are refined.
  /// - Parameter steps: as `coarseSteps` gave them.
  /// - Returns: false, with nothing changed, where the points are not those that are summed up there.
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
    // Those that were refined before are summed up again.
    coarsen()
    return true
  }

  // The places that were refined last.
  private var refinedPlaces: Range<Int> {
    guard let steps = refinedSteps else { return 0..<0 }
    let first = firstIndex(atOrAfter: steps.lowerBound)
    let end = firstIndex(atOrAfter: steps.upperBound == .max ? .max : steps.upperBound + 1)
    return first..<max(first, end)
  }

  /// Appends points of which there are `count`; of more than `mostPlaces`, the older ones are summed up at once, as
  /// `coarsen` would do it.
  /// - Parameter next: gives the points in order, nil behind the last one.
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

  // How many points a place sums up, so that about half of the room for `points` older points is free.
  private static func width(of points: Int) -> Int {
    var width = 1
    while width * (mostPlaces - newestPoints) / 2 < points { width *= 2 }
    return width
  }

  /// Forgets the places after `step`. One whose last point lies after it goes whole.
  package mutating func removeAll(after step: Int) {
    let end = firstIndex(atOrAfter: step == .max ? .max : step + 1)
    guard end < count else { return }
    var result = MetricSeries()
    result.append(0..<end, of: self)
    self = result
  }

  /// Where the point stands that was appended as number `index`, from 0: behind `step`, `offset` points after it.
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
