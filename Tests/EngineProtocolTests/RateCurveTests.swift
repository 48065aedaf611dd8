import EngineProtocol
import Testing

@Suite struct RateCurveTests {
  /// A sweep from 1e-6 to 1 in 200 values with a loss for each.
  private func curve(
    ends: (Double, Double) = (1e-6, 1), count: Int = 200, endedNonFinite: Bool = false, _ loss: (Int, Double) -> Double
  ) -> RateCurve {
    var value = ends.0
    var ratio = 1.0
    // The ratio whose (count - 1)th power is that of the ends, by bisection.
    var (low, high) = ends.0 < ends.1 ? (1.0, 2.0) : (0.5, 1.0)
    for _ in 0..<80 {
      ratio = (low + high) / 2
      var product = ends.0
      for _ in 1..<count { product *= ratio }
      if product < ends.1 { low = ratio } else { high = ratio }
    }
    let values = (0..<count).map { _ in
      defer { value *= ratio }
      return value
    }
    return RateCurve(
      lane: "a", branch: 1, step: 7, hyperparameter: .learningRate, current: 1e-3, values: values,
      losses: values.enumerated().map { loss($0.offset, $0.element) }, endedNonFinite: endedNonFinite)
  }

  @Test func theSmoothedLossIsDebiased() {
    let smoothed = curve(count: 4) { _, _ in 2 }.smoothed
    #expect(smoothed.allSatisfy { abs($0 - 2) < 1e-12 })
    let step = curve(count: 3) { place, _ in Double(place) }.smoothed
    // (0.1·0 + …): the weights 0.81, 0.9, 1 divided by their sum.
    #expect(abs(step[2] - (0.9 * 1 + 1 * 2) / (0.81 + 0.9 + 1)) < 1e-12)
    let gap = curve(count: 3) { place, _ in place == 1 ? .nan : 4 }.smoothed
    #expect(gap[1] == gap[0] && abs(gap[2] - 4) < 1e-12)
  }

  @Test func theSteepestFallIsSuggested() throws {
    // Falls from the 80th to the 100th value, and rises tenfold from the 150th on.
    let found = curve { place, _ in
      place < 80 ? 2 : place < 100 ? 2 - Double(place - 79) * 0.08 : place < 150 ? 0.4 : 0.4 + Double(place - 149)
    }
    let suggestion = try #require(found.suggestion)
    #expect(suggestion.rule == .steepest)
    // The smoothed loss falls fastest near the end of the fall.
    #expect((found.values[88]...found.values[108]).contains(suggestion.value))
    let diverged = try #require(found.divergedAt)
    #expect(diverged > found.values[149] && suggestion.value < diverged / 3)
    #expect(found.words.contains("falls fastest") && found.words.contains("as it was"))
  }

  @Test func withoutAFallAThirdOfTheDivergenceIsSuggested() throws {
    let found = curve { place, _ in place < 150 ? 0.4 : 0.4 + Double(place - 149) }
    let suggestion = try #require(found.suggestion)
    let diverged = try #require(found.divergedAt)
    #expect(suggestion.rule == .thirdOfDivergence && abs(suggestion.value / (diverged / 3) - 1) < 0.06)
    #expect(found.words.contains("a third of where the loss diverges"))
  }

  @Test func aNumberThatIsNotFiniteIsADivergence() throws {
    let found = curve(count: 60, endedNonFinite: true) { place, _ in place < 59 ? 1 : .nan }
    #expect(found.divergedAt == found.values[59])
    let suggestion = try #require(found.suggestion)
    #expect(suggestion.rule == .thirdOfDivergence && abs(suggestion.value / (found.values[59] / 3) - 1) < 0.06)
    #expect(found.words.contains("not finite"))
  }

  @Test func smallThresholdsAreTheViolentOnes() throws {
    let found = curve(ends: (1e-4, 1e-10)) { place, _ in place < 150 ? 0.4 : 0.4 + Double(place - 149) }
    let suggestion = try #require(found.suggestion)
    let diverged = try #require(found.divergedAt)
    #expect(abs(suggestion.value / (diverged * 3) - 1) < 0.06 && suggestion.value > diverged)
    #expect(found.words.contains("three times where the loss diverges"))
  }

  // The first losses of a lane with 99 % accuracy: a few hard batches are many times the smallest loss.
  @Test func hardBatchesOfALaneThatHasLearnedAreNoDivergence() {
    let losses = [
      0.0216, 0.0015, 0.0029, 0.0095, 0.0092, 0.0254, 0.0030, 0.0080, 0.0052, 0.0026, 0.0130, 0.0150, 0.0171, 0.0059,
      0.0083, 0.0253, 0.0134, 0.0483, 0.0173, 0.0086, 0.0276, 0.0113, 0.0326, 0.0268, 0.0915,
    ]
    let found = curve(count: losses.count) { place, _ in losses[place] }
    #expect(found.smoothed[24] > 2 * found.smoothed[9] && found.divergedAt == nil)
    // A rise that goes on is one.
    let risen = curve(count: 60) { place, _ in place < 25 ? losses[place] : 0.1 * Double(place - 20) }
    #expect(risen.divergedAt.map { risen.values[25...35].contains($0) } == true)
  }

  // Noise as large as the losses hides no divergence that goes on.
  @Test func lossesThatStayManyTimesTheSmallestAreADivergence() {
    let found = curve(count: 60) { place, _ in place < 4 ? 1 : place % 2 == 0 ? 30 : 6 }
    #expect(found.divergedAt.map { found.values[4...12].contains($0) } == true)
  }

  @Test func aFlatCurveSuggestsNothing() {
    #expect(curve { place, _ in place % 2 == 0 ? 1.1 : 0.9 }.suggestion == nil)
    #expect(curve { _, _ in 1 }.suggestion == nil && curve(count: 3) { _, _ in 1 }.suggestion == nil)
    #expect(curve { _, _ in 1 }.words.contains("No suggestion"))
  }

  @Test func aSuggestionHasTwoDigits() throws {
    for (place, digits) in [(100, 2), (150, 2)] {
      let found = curve(count: place, endedNonFinite: true) { _, _ in 1 }
      let value = try #require(found.suggestion).value
      let text = "\(value)".lowercased().split(separator: "e")[0].filter(\.isNumber)
      #expect(text.drop { $0 == "0" }.reversed().drop { $0 == "0" }.count <= digits, "\(value)")
    }
  }
}
