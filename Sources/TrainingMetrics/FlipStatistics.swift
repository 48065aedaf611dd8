/// The sign flips of one binary layer since the start of its training.
package struct FlipStatistics: Hashable, Codable, Sendable {
  /// The layer's name.
  package var layer: String
  /// How many weights the layer has.
  package var weights: Int
  /// Flip rate of the newest update: flips per weight.
  package var flipRate: Double
  /// Total flips of all updates.
  package var totalFlips: Int
  /// `weightsByFlips[n]` is the number of weights that have flipped `n` times; the last element counts that many or
  /// more.
  package var weightsByFlips: [Int]

  /// The statistics of a layer.
  package init(layer: String, weights: Int, flipRate: Double = 0, totalFlips: Int = 0, weightsByFlips: [Int] = []) {
    self.layer = layer
    self.weights = weights
    self.flipRate = flipRate
    self.totalFlips = totalFlips
    self.weightsByFlips = weightsByFlips
  }
}

/// A histogram with bins of equal width.
package struct Histogram: Hashable, Codable, Sendable {
  /// The interval's lower end.
  package var lowerBound: Float
  /// The interval's upper end.
  package var upperBound: Float
  /// The count of each bin; values outside the interval are counted in the first or last bin.
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
