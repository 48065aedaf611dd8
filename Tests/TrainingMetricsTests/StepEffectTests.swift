import Testing
import TrainingMetrics

@Suite struct StepEffectTests {
  private func series(_ values: [Float]) -> MetricSeries {
    MetricSeries(values.enumerated().map { MetricPoint(step: $0.offset + 1, value: $0.element) })
  }

  @Test func windowsAreEqualAndEndAtTheNeighbouringEdits() throws {
    let middle = try #require(EffectWindows(around: 100, edits: [40, 100, 130], course: 0...500, epoch: 540))
    #expect(middle.before == 71...100 && middle.after == 101...130 && middle.course == 40...130)
    let early = try #require(EffectWindows(around: 10, edits: [10], course: 0...500, epoch: 540))
    #expect(early.before == 1...10 && early.after == 11...20)
    let epoch = try #require(EffectWindows(around: 300, edits: [], course: 0...900, epoch: 50))
    #expect(epoch.length == 50)
    #expect(EffectWindows(around: 500, edits: [], course: 0...500, epoch: 50) == nil)
    #expect(EffectWindows(around: 0, edits: [], course: 0...500, epoch: 50) == nil)
    // A forked lane has no steps before its fork.
    #expect(EffectWindows(around: 200, edits: [200], course: 200...500, epoch: 50) == nil)
  }

  @Test func theErrorIsThatOfTenBlockMeans() throws {
    // Ten blocks of four: their means are 0...9, whatever the spread within.
    let values = (0..<40).map { Float($0 / 4) + ($0 % 2 == 0 ? 5 : -5) }
    let mean = try #require(series(values).windowMean(over: 1...40))
    #expect(mean.mean == 4.5 && mean.count == 40 && !mean.isApproximate)
    // Σ (m - 4.5)² = 82.5, over 10 · 9.
    let error = try #require(mean.standardError)
    #expect(abs(error - (82.5 / 90).squareRoot()) < 1e-12)
    #expect(series([1, 2, 3, 4, 5, 6, 7]).windowMean(over: 1...7)?.standardError == nil)
    #expect(series([1, 2]).windowMean(over: 5...9) == nil)
  }

  @Test func valuesThatAreNotFiniteAreCountedAndLeftOut() throws {
    var values = [Float](repeating: 2, count: 20)
    values[3] = .nan
    values[4] = .infinity
    let mean = try #require(series(values).windowMean(over: 1...20))
    #expect(mean.mean == 2 && mean.count == 18 && mean.nonFiniteCount == 2)
    // The fourth and fifth values are in two blocks of two, which keep one value each.
    #expect(mean.standardError == 0)
    values[2] = .nan
    #expect(series(values).windowMean(over: 1...20)?.standardError == nil)
  }

  @Test func summariesMakeTheMeanApproximate() throws {
    var coarse = MetricSeries()
    var bucket = MetricBucket(1)
    bucket.add(3)
    coarse.append(bucket, upTo: 2)
    coarse.append(contentsOf: (3...40).map { MetricPoint(step: $0, value: 2) })
    #expect(coarse.windowMean(over: 1...20)?.isApproximate == true)
    #expect(coarse.windowMean(over: 3...22)?.isApproximate == false)
  }

  @Test func anEffectComparesWhatWasMeasuredOnBothSides() throws {
    let windows = try #require(EffectWindows(around: 20, edits: [20], course: 0...40, epoch: 540))
    let losses = series((1...40).map { $0 <= 20 ? 1 : 0.5 })
    let accuracies = MetricSeries([
      MetricPoint(step: 0, value: 0.1), MetricPoint(step: 10, value: 0.5), MetricPoint(step: 20, value: 0.8),
      MetricPoint(step: 30, value: 0.9), MetricPoint(step: 40, value: 1),
    ])
    let effect = StepEffect(windows, validationCount: 100) { metric in
      switch metric {
      case .trainLoss: losses
      case .validationAccuracy: accuracies
      default: MetricSeries()
      }
    }
    #expect(effect.comparisons.map(\.metric) == [.trainLoss, .validationAccuracy])
    let loss = try #require(effect.comparison(of: .trainLoss))
    #expect(loss.before == 1 && loss.after == 0.5 && loss.difference == -0.5 && loss.standardError == 0)
    // The validation at the edit's step came before it.
    let accuracy = try #require(effect.comparison(of: .validationAccuracy))
    #expect(abs(accuracy.before - 0.8) < 1e-6 && abs(accuracy.after - 0.9) < 1e-6)
    #expect(abs((accuracy.standardError ?? 0) - ((0.8 * 0.2 + 0.9 * 0.1) / 100).squareRoot()) < 1e-7)
  }

  @Test func validationsBeyondANeighbouringEditSayNothing() throws {
    let accuracies = MetricSeries([
      MetricPoint(step: 0, value: 0.1), MetricPoint(step: 10, value: 0.5), MetricPoint(step: 30, value: 0.9),
    ])
    func accuracy(_ step: Int, _ edits: [Int]) throws -> StepEffect.Comparison? {
      let windows = try #require(EffectWindows(around: step, edits: edits, course: 0...40, epoch: 540))
      return StepEffect(windows, validationCount: 9) { $0 == .validationAccuracy ? accuracies : MetricSeries() }
        .comparison(of: .validationAccuracy)
    }
    #expect(try accuracy(20, [20]) != nil)
    #expect(try accuracy(20, [12, 20]) == nil && accuracy(20, [20, 25]) == nil)
    // The network before its first step is no comparison.
    #expect(try accuracy(5, [5]) == nil)
  }
}
