import Testing
import TrainingMetrics

@Suite struct MetricSeriesTests {
  private func series(_ values: [Float], stride: Int = 1) -> MetricSeries {
    var series = MetricSeries()
    for (index, value) in values.enumerated() { series.append(MetricPoint(step: index * stride, value: value)) }
    return series
  }

  private func plainSummary(_ values: some Sequence<Float>) -> MetricBucket {
    var bucket = MetricBucket()
    for value in values { bucket.add(value) }
    return bucket
  }

  @Test(arguments: [0, 1, 2, 3, 7, 8, 64, 100, 257])
  func everyRangeSumsUpAsItsPoints(count: Int) {
    let values = (0..<count).map { Float(($0 * 37) % 101) - 50 }
    let series = series(values)
    for lower in stride(from: 0, through: count, by: 3) {
      for upper in stride(from: lower, through: count, by: 5) {
        #expect(series.summary(of: lower..<upper) == plainSummary(values[lower..<upper]))
      }
    }
    #expect(series.summary == plainSummary(values))
  }

  @Test(arguments: [1, 2, 3, 10, 79, 1000])
  func aSpikeSurvivesAtEveryWidth(columns: Int) {
    var values = [Float](repeating: 1, count: 5000)
    values[3333] = 99
    let buckets = series(values).columns(columns, over: 0...4999)
    #expect(buckets.map(\.maximum).max() == 99)
    #expect(buckets.reduce(0) { $0 + $1.count } == 5000)
  }

  @Test func columnsCoverUnevenSteps() {
    var series = MetricSeries()
    for step in [0, 1, 5, 5, 9, 10] { series.append(MetricPoint(step: step, value: Float(step))) }
    let buckets = series.columns(2, over: 0...10)
    #expect(buckets.map(\.count) == [2, 4])
    #expect(series.columns(5, over: 2...4).allSatisfy { $0.isEmpty })
  }

  @Test func nonFiniteValuesAreCountedApart() {
    let bucket = series([1, .nan, 3, .infinity]).summary(of: 0..<4)
    #expect(bucket.nonFiniteCount == 2)
    #expect(bucket.mean == 2)
    #expect(bucket.maximum == 3)
  }
}
