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
    guard count > Self.mostPlaces else { return }
    let older = count - Self.newestPoints
    let olderPoints = summary(of: 0..<older).size
    var width = 1
    while width * (Self.mostPlaces - Self.newestPoints) / 2 < olderPoints { width *= 2 }
    var result = MetricSeries()
    var bucket = MetricBucket()
    for place in 0..<older {
      bucket.merge(self.bucket(at: place))
      guard bucket.size >= width || place == older - 1 else { continue }
      result.append(bucket, upTo: points[place].step)
      bucket = MetricBucket()
    }
    result.append(older..<count, of: self)
    self = result
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
