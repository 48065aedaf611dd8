package import Foundation
package import TrainingMetrics

/// A series with the summaries of its older points as bytes, little-endian: how many summaries there are (UInt32), then
/// each, 32 bytes: the last step (UInt64), the count of finite and of other values (UInt32), the least and the greatest
/// (Float32), the sum (Float64); then the points behind them, 12 bytes each: the step (UInt64), the value (Float32).
package enum PackedSeries {
  /// The bytes of a series; nil where a step or a count is too great for the form.
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

  /// The series that bytes stand for; nil where they are none.
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
