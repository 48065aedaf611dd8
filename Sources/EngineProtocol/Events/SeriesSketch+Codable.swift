import Foundation
import TrainingMetrics

/// A series with the summaries of its older points as it stands in JSON.
struct SeriesSketch: Codable {
  var series: MetricSeries

  private enum CodingKeys: String, CodingKey {
    case packed, buckets, steps, values
  }

  private struct Buckets: Codable {
    var steps: [Int] = []
    var counts: [Int] = []
    var nonFinite: [Int] = []
    var minimums: [Float] = []
    var maximums: [Float] = []
    var sums: [Double] = []

    var isWhole: Bool {
      [counts.count, nonFinite.count, minimums.count, maximums.count, sums.count].allSatisfy { $0 == steps.count }
    }
  }

  init(_ series: MetricSeries) { self.series = series }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func damaged(_ key: CodingKeys, _ words: String) -> DecodingError {
      .dataCorruptedError(forKey: key, in: container, debugDescription: words)
    }
    if let text = try container.decodeIfPresent(String.self, forKey: .packed) {
      guard let data = Data(base64Encoded: text), let series = PackedSeries.series(data) else {
        throw damaged(.packed, "expected a packed series")
      }
      self.series = series
      return
    }
    series = MetricSeries()
    let buckets = try container.decode(Buckets.self, forKey: .buckets)
    guard buckets.isWhole else { throw damaged(.buckets, "expected as many of each as steps") }
    for (place, step) in buckets.steps.enumerated() {
      guard step >= series.last?.step ?? 0 else { throw damaged(.buckets, "expected steps that do not decrease") }
      let bucket = MetricBucket(
        minimum: buckets.minimums[place], maximum: buckets.maximums[place], sum: buckets.sums[place],
        count: buckets.counts[place], nonFiniteCount: buckets.nonFinite[place])
      series.append(bucket, upTo: step)
    }
    for point in try MetricPoints(from: decoder).points {
      guard point.step >= series.last?.step ?? 0 else { throw damaged(.steps, "expected steps that do not decrease") }
      series.append(point)
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    if encoder.userInfo[PointsForm.key] as? PointsForm == .packed, let data = PackedSeries.data(of: series) {
      return try container.encode(data.base64EncodedString(), forKey: .packed)
    }
    var buckets = Buckets()
    for place in 0..<series.bucketCount {
      let bucket = series.bucket(at: place)
      buckets.steps.append(series.points[place].step)
      buckets.counts.append(bucket.count)
      buckets.nonFinite.append(bucket.nonFiniteCount)
      buckets.minimums.append(bucket.minimum)
      buckets.maximums.append(bucket.maximum)
      buckets.sums.append(bucket.sum)
    }
    try container.encode(buckets, forKey: .buckets)
    let points = series.points[series.bucketCount...]
    try container.encode(points.map(\.step), forKey: .steps)
    try container.encode(points.map(\.value), forKey: .values)
  }
}
