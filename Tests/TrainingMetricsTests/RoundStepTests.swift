import Testing
import TrainingMetrics

@Suite struct RoundStepTests {
  @Test(arguments: [
    (0.7, 1.0), (1, 1), (1.01, 2), (2.5, 5), (7, 10), (0.0031, 0.005), (3e12, 5e12), (0, 1), (.infinity, 1), (-3, 1),
  ])
  func aStepIsOneTwoOrFiveTimesAPowerOfTen(value: Double, step: Double) {
    #expect(abs(RoundStep.atLeast(value) - step) <= step * 1e-12)
  }

  @Test func aRangeIsRoundedToAFinerStep() {
    #expect(RoundStep.finer(than: 5) == 1 && RoundStep.finer(than: 10) == 2 && RoundStep.finer(than: 2) == 0.5)
  }

  @Test func multiplesStandInTheRange() {
    let (values, step) = RoundStep.multiples(in: 3...41, count: 5)
    #expect(values == [10, 20, 30, 40] && step == 10)
    #expect(RoundStep.multiples(in: 7...7, count: 5).values == [7])
    #expect(RoundStep.multiples(in: 11...19, count: 2).values.count == 2, "one value alone tells no scale")
  }
}
