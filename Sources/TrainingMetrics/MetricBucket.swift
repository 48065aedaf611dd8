/// A summary of consecutive points that keeps their mean and range, so that a chart shows every spike.
package struct MetricBucket: Hashable, Sendable {
  /// The minimum of the finite values; `+inf` if there are none.
  package private(set) var minimum: Float = .infinity
  /// The maximum of the finite values; `-inf` if there are none.
  package private(set) var maximum: Float = -.infinity
  /// The sum of the finite values.
  package private(set) var sum: Double = 0
  /// Number of finite values.
  package private(set) var count = 0
  /// Number of values that are NaN or infinite.
  package private(set) var nonFiniteCount = 0

  /// An empty bucket.
  package init() {}

  /// A bucket of one value.
  package init(_ value: Float) { add(value) }

  /// A bucket of `count` finite values and `nonFiniteCount` others.
  package init(minimum: Float, maximum: Float, sum: Double, count: Int, nonFiniteCount: Int) {
    self.minimum = minimum
    self.maximum = maximum
    self.sum = sum
    self.count = count
    self.nonFiniteCount = nonFiniteCount
  }

  /// Number of values.
  package var size: Int { count + nonFiniteCount }

  /// The mean of the finite values; nil if there are none.
  package var mean: Double? { count > 0 ? sum / Double(count) : nil }

  /// Whether the bucket is empty.
  package var isEmpty: Bool { count == 0 && nonFiniteCount == 0 }

  /// Adds one value.
  package mutating func add(_ value: Float) {
    guard value.isFinite else {
      nonFiniteCount += 1
      return
    }
    minimum = min(minimum, value)
    maximum = max(maximum, value)
    sum += Double(value)
    count += 1
  }

  /// Adds the values of another bucket.
  package mutating func merge(_ other: MetricBucket) {
    minimum = min(minimum, other.minimum)
    maximum = max(maximum, other.maximum)
    sum += other.sum
    count += other.count
    nonFiniteCount += other.nonFiniteCount
  }
}
