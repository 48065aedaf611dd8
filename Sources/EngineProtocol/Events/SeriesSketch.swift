package import Foundation
package import TrainingMetrics

/// The JSON form of a series whose older points are summarized.
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

/// The binary form of a series with summarized older points, little-endian: the number of summaries (UInt32); for each
/// summary 32 bytes: last step (UInt64), number of finite and of other values (UInt32 each), minimum and maximum
/// (Float32 each), sum (Float64); then the remaining points, 12 bytes each: step (UInt64), value (Float32).
package enum PackedSeries {
  /// Encodes a series; nil if a step or a count does not fit.
  package static func data(of series: MetricSeries) -> Data? {
    var words: [UInt32] = []
    words.reserveCapacity(1 + 8 * series.bucketCount + 3 * (series.count - series.bucketCount))
    func append(_ number: UInt64) {
      words.append(UInt32(truncatingIfNeeded: number).littleEndian)
      words.append(UInt32(truncatingIfNeeded: number >> 32).littleEndian)
    }
    words.append(UInt32(series.bucketCount).littleEndian)
    for (place, point) in series.points.enumerated() {
      guard let step = UInt64(exactly: point.step) else { return nil }
      append(step)
      guard place < series.bucketCount else {
        words.append(point.value.bitPattern.littleEndian)
        continue
      }
      let bucket = series.bucket(at: place)
      guard let count = UInt32(exactly: bucket.count), let others = UInt32(exactly: bucket.nonFiniteCount) else {
        return nil
      }
      words += [count, others, bucket.minimum.bitPattern, bucket.maximum.bitPattern].map(\.littleEndian)
      append(bucket.sum.bitPattern)
    }
    return words.withUnsafeBytes { Data($0) }
  }

  /// Decodes a series; nil if the data is invalid.
  package static func series(_ data: Data) -> MetricSeries? {
    guard data.count % 4 == 0, data.count >= 4 else { return nil }
    return data.withUnsafeBytes { bytes -> MetricSeries? in
      func word(_ place: Int) -> UInt32 {
        UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * place, as: UInt32.self))
      }
      func number(_ place: Int) -> UInt64 { UInt64(word(place)) | UInt64(word(place + 1)) << 32 }
      let (words, buckets) = (bytes.count / 4, Int(word(0)))
      let rest = words - 1 - 8 * buckets
      guard rest >= 0, rest % 3 == 0 else { return nil }
      var series = MetricSeries()
      func isNext(_ step: Int) -> Bool { step >= series.last?.step ?? 0 }
      for place in (0..<buckets).map({ 1 + 8 * $0 }) {
        guard let step = Int(exactly: number(place)), isNext(step) else { return nil }
        let bucket = MetricBucket(
          minimum: Float(bitPattern: word(place + 4)), maximum: Float(bitPattern: word(place + 5)),
          sum: Double(bitPattern: number(place + 6)), count: Int(word(place + 2)),
          nonFiniteCount: Int(word(place + 3)))
        series.append(bucket, upTo: step)
      }
      for place in (0..<rest / 3).map({ 1 + 8 * buckets + 3 * $0 }) {
        guard let step = Int(exactly: number(place)), isNext(step) else { return nil }
        series.append(MetricPoint(step: step, value: Float(bitPattern: word(place + 2))))
      }
      return series
    }
  }
}
