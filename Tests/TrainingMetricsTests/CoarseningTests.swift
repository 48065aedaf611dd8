import Testing
import TrainingMetrics

/// The aggregation of long series.
@Suite struct CoarseningTests {
  // Some steps are left out, as in series that are measured once per epoch.
  private func points(_ count: Int) -> [MetricPoint] {
    (0..<count).map { MetricPoint(step: $0 * 3 / 2 + 1, value: Float(($0 &* 7919) % 10_007) / 100) }
  }

  private func coarse(_ points: [MetricPoint]) -> MetricSeries {
    var series = MetricSeries()
    for (place, point) in points.enumerated() {
      series.append(point)
      if place % 1000 == 999 { series.coarsen() }
    }
    series.coarsen()
    return series
  }

  @Test func aShortSeriesStaysAsItIs() {
    let points = points(MetricSeries.mostPlaces)
    let series = coarse(points)
    #expect(series.points == points && !series.isCoarse && series.bucketCount == 0)
  }

  @Test(arguments: [16_385, 30_000, 333_333]) func nothingButTheDetailIsLost(count: Int) {
    var points = points(count)
    points[777].value = 1e6
    points[778].value = -.infinity
    points[count / 2].value = .nan
    let series = coarse(points)
    #expect(series.isCoarse && series.count <= MetricSeries.mostPlaces && series.pointCount == count)
    // The newest are exact.
    #expect(Array(series.points.suffix(MetricSeries.newestPoints)) == Array(points.suffix(MetricSeries.newestPoints)))
    #expect(series.bucketCount <= series.count - MetricSeries.newestPoints)
    let exact = MetricSeries(points)
    #expect(series.summary.nonFiniteCount == 2 && series.summary.count == exact.summary.count)
    #expect(series.summary.minimum == exact.summary.minimum && series.summary.maximum == 1e6)
    // The columns of a screen show the same, up to one position at their edges.
    let end = Double(points[count - 1].step)
    for (one, other) in zip(series.columns(60, over: 0...end), exact.columns(60, over: 0...end)) {
      #expect(abs(one.count - other.count) <= 2 * count / 3000 + 2)
      guard let mean = one.mean, let expected = other.mean, other.maximum < 1e6, one.maximum < 1e6 else { continue }
      #expect(abs(mean - expected) < 2 && one.maximum >= 99 && one.minimum <= 1)
    }
    #expect(series.columns(60, over: 0...end).reduce(0) { $0 + $1.size } == count)
  }

  @Test func coarseningTwiceIsAsOnce() {
    var series = coarse(points(100_000))
    let before = series
    series.coarsen()
    #expect(series == before)
  }

  @Test func aPointIsFoundByItsNumber() {
    let points = points(50_000)
    let series = coarse(points)
    for number in [0, 1, 12_345, 45_903, 45_904, 49_999] {
      let place = series.location(ofPoint: number)
      let behind = points.firstIndex { $0.step > place.step } ?? points.count
      #expect(behind + place.offset == number && place.offset < 16)
    }
  }

  @Test func whatLiesBehindAStepIsForgotten() {
    let points = points(50_000)
    for step in [0, 1, 20_000, 74_000, 74_999, 80_000] {
      var series = coarse(points)
      series.removeAll(after: step)
      let kept = points.filter { $0.step <= step }.count
      #expect(series.pointCount <= kept && series.pointCount >= kept - 15 && series.last?.step ?? 0 <= step)
      #expect(series.summary.size == series.pointCount)
    }
  }

  @Test func partsOfSeriesAreJoinedAsTheyAre() {
    let parent = coarse(points(40_000))
    var joined = MetricSeries()
    joined.append(0..<parent.count, of: parent)
    #expect(joined == parent)
    let child = MetricSeries((0..<10).map { MetricPoint(step: 60_000 + $0, value: 1) })
    joined.append(0..<10, of: child)
    #expect(joined.pointCount == 40_010 && joined.last == child.last)
    #expect(joined.summary(of: 0..<parent.count) == parent.summary)
  }

  @Test(arguments: [0, 1, 16_384, 16_385, 200_000]) func pointsOfAKnownNumberAreSummedUpAtOnce(count: Int) {
    let points = points(count)
    var series = MetricSeries()
    var rest = points[...]
    series.append(count: count) { rest.popFirst() }
    #expect(series.pointCount == count && series.count <= MetricSeries.mostPlaces)
    #expect(series.isCoarse == (count > MetricSeries.mostPlaces))
    #expect(Array(series.points.suffix(MetricSeries.newestPoints)) == points.suffix(MetricSeries.newestPoints))
    let exact = MetricSeries(points)
    #expect(series.summary.minimum == exact.summary.minimum && series.summary.maximum == exact.summary.maximum)
    // After a bucket, and fewer points than announced.
    var other = series
    rest = [MetricPoint(step: 10_000_000, value: 1), MetricPoint(step: 10_000_001, value: 2)]
    other.append(count: 60_000) { rest.popFirst() }
    #expect(other.pointCount == count + 2 && other.last?.step == 10_000_001)
  }

  @Test func aStretchIsRefinedUntilAnotherIs() throws {
    let points = points(200_000)
    var series = coarse(points)
    #expect(series.coarseSteps(in: 3000...200_000, count: 16_384) == nil, "too many points")
    #expect(series.coarseSteps(in: 299_000...299_900, count: 16_384) == nil, "points already")
    let steps = try #require(series.coarseSteps(in: 60_000...61_000, count: 16_384))
    #expect(steps.lowerBound <= 60_000 && steps.upperBound >= 61_000 && steps.count < 2000)
    func exact(_ steps: ClosedRange<Int>) -> [MetricPoint] { points.filter { steps.contains($0.step) } }

    let before = series
    func refine(_ steps: ClosedRange<Int>, _ points: [MetricPoint]) -> Bool { series.refine(steps, with: points) }
    #expect(!refine(steps, []) && !refine(steps, Array(exact(steps).dropFirst())))
    #expect(series == before)
    #expect(refine(steps, exact(steps)))
    #expect(series.coarseSteps(in: 60_000...61_000, count: 16_384) == nil)
    func shown(_ steps: ClosedRange<Int>) -> [MetricPoint] { series.points.filter { steps.contains($0.step) } }
    #expect(shown(60_000...61_000) == exact(60_000...61_000))
    #expect(series.pointCount == points.count && series.summary.maximum == before.summary.maximum)
    // It does not change while the series grows.
    for step in 400_000..<430_000 {
      series.append(MetricPoint(step: step, value: 1))
      series.coarsen()
    }
    #expect(shown(60_000...61_000) == exact(60_000...61_000))
    #expect(series.pointCount == points.count + 30_000 && series.count <= MetricSeries.mostPlaces + steps.count)
    // Points refined before are discarded when the series is aggregated again.
    for lower in [90_000, 120_000, 150_000, 180_000] {
      let next = try #require(series.coarseSteps(in: lower...(lower + 9000), count: 16_384))
      #expect(refine(next, exact(next)))
      #expect(shown(lower...(lower + 9000)) == exact(lower...(lower + 9000)))
      #expect(series.count <= MetricSeries.mostPlaces + 16_384)
    }
    #expect(series.coarseSteps(in: 60_000...61_000, count: 16_384) != nil)
  }
}
