/// A summary of consecutive points: enough to draw a band and a mean, and to lose no spike.
package struct MetricBucket: Hashable, Sendable {
  /// The least finite value, `+inf` when there is none.
  package private(set) var minimum: Float = .infinity
  /// The greatest finite value, `-inf` when there is none.
  package private(set) var maximum: Float = -.infinity
  /// The sum of the finite values.
  package private(set) var sum: Double = 0
  /// How many finite values there are.
  package private(set) var count = 0
  /// How many values are NaN or infinite.
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

  /// How many values there are.
  package var size: Int { count + nonFiniteCount }

  /// The mean of the finite values; nil when there is none.
  package var mean: Double? { count > 0 ? sum / Double(count) : nil }

  /// Whether no value at all was added.
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

  /// Adds all that `other` has summed up.
  package mutating func merge(_ other: MetricBucket) {
    minimum = min(minimum, other.minimum)
    maximum = max(maximum, other.maximum)
    sum += other.sum
    count += other.count
    nonFiniteCount += other.nonFiniteCount
  }
}
