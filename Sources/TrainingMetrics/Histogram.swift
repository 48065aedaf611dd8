/// Counts over equal bins of an interval.
package struct Histogram: Hashable, Codable, Sendable {
  /// The interval's lower end.
  package var lowerBound: Float
  /// The interval's upper end.
  package var upperBound: Float
  /// The count of each bin; values outside the interval stand in the first and last bin.
  package var counts: [Int]

  /// A histogram over `lowerBound...upperBound` with the given counts.
  package init(lowerBound: Float, upperBound: Float, counts: [Int]) {
    self.lowerBound = lowerBound
    self.upperBound = upperBound
    self.counts = counts
  }

  /// The sum of all counts.
  package var total: Int { counts.reduce(0, +) }
}
