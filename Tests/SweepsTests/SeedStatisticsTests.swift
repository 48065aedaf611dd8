import Foundation
import Sweeps
import Testing

/// Means, deviations and bootstrap intervals, against NumPy and SciPy.
@Suite struct SeedStatisticsTests {
  private struct Expected: Decodable {
    var values: [Double]
    var mean, deviation, lower, upper: Double
    var percentiles: [Double]
  }

  private static func expected() throws -> [String: Expected] {
    let file = try #require(Bundle.module.url(forResource: "Fixtures/statistics", withExtension: "json"))
    return try JSONDecoder().decode([String: Expected].self, from: Data(contentsOf: file))
  }

  @Test func statisticsAreThoseOfNumPyAndSciPy() throws {
    for (name, expected) in try Self.expected() {
      let statistics = try #require(SeedStatistics(expected.values))
      #expect(statistics.count == expected.values.count)
      #expect(abs(statistics.mean - expected.mean) < 1e-12, "\(name)")
      #expect(abs(try #require(statistics.standardDeviation) - expected.deviation) < 1e-12, "\(name)")
      // 10,000 samples place the ends of the interval within a few hundredths of the deviation.
      let interval = try #require(statistics.interval)
      #expect(abs(interval.lower - expected.lower) < 0.04 * expected.deviation, "\(name): \(interval)")
      #expect(abs(interval.upper - expected.upper) < 0.04 * expected.deviation, "\(name): \(interval)")
      let sorted = expected.values.sorted()
      for (share, value) in zip([0.025, 0.5, 0.975], expected.percentiles) {
        #expect(abs(SeedStatistics.percentile(share, of: sorted) - value) < 1e-12, "\(name)")
      }
    }
  }

  @Test func intervalsAreAlwaysTheSame() {
    let values = [0.31, 0.293, 0.355, 0.28, 0.337, 0.302, 0.364, 0.271]
    #expect(SeedStatistics(values) == SeedStatistics(values))
    #expect(SeedStatistics(values)?.interval != SeedStatistics(values, seed: 2)?.interval)
  }

  @Test func aSingleValueHasNoSpread() {
    #expect(SeedStatistics([]) == nil)
    #expect(SeedStatistics([0.5])?.mean == 0.5)
    #expect(SeedStatistics([0.5])?.standardDeviation == nil)
    #expect(SeedStatistics([0.5])?.interval == nil)
    #expect(SeedStatistics([0.5, 0.5])?.interval == SeedStatistics.Interval(lower: 0.5, upper: 0.5))
  }

  @Test func aPairedComparisonIsOfDifferencesSeedBySeed() throws {
    let expected = try Self.expected()
    let first = try #require(expected["five"]).values
    let second = try #require(expected["other"]).values
    let bySeed = { (values: [Double]) in Dictionary(uniqueKeysWithValues: values.enumerated().map { (UInt64($0), $1) })
    }
    let comparison = try #require(PairedComparison(bySeed(first), bySeed(second), isBetter: >))
    #expect(abs(comparison.difference.mean - (0.00046)) < 1e-12)
    #expect(
      comparison.difference.standardDeviation == SeedStatistics(zip(first, second).map { $0 - $1 })?.standardDeviation)
    #expect(comparison.wins == 4)
    #expect(comparison.isClear == true)
    // Seeds that only one of them has are left out.
    let partial = try #require(PairedComparison([1: 0.5, 2: 0.6], [2: 0.5, 3: 0.1], isBetter: >))
    #expect(partial.difference.count == 1 && partial.wins == 1 && partial.isClear == nil)
    #expect(PairedComparison([1: 0.5], [2: 0.5], isBetter: >) == nil)
  }
}
