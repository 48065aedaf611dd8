import Foundation
import Sweeps
import Tensors
import Testing

/// Successive halving: single decisions, and whole sweeps over recorded curves.
@Suite struct SuccessiveHalvingTests {
  private typealias Standing = SuccessiveHalving.Standing
  private let halving = SuccessiveHalving(rungCount: 3, factor: 3)

  @Test func newTrialsStartAtTheFirstRung() {
    #expect(halving.next([Standing(trial: 1), Standing(trial: 2)]) == .train(trial: 1, rung: 0))
    let running = Standing(trial: 1, target: 0, isRunning: true)
    #expect(halving.next([running, Standing(trial: 2)]) == .train(trial: 2, rung: 0))
    #expect(halving.next([running]) == .wait)
    #expect(halving.next([]) == .end)
  }

  @Test func theBestThirdGoesOnBeforeANewTrialStarts() {
    let two = [0.5, 0.9].enumerated().map { Standing(trial: $0 + 1, values: [$1], target: 0) }
    // Of two, a third is none.
    #expect(halving.next(two + [Standing(trial: 3)]) == .train(trial: 3, rung: 0))
    let three = two + [Standing(trial: 3, values: [0.7], target: 0), Standing(trial: 4)]
    #expect(halving.next(three) == .train(trial: 2, rung: 1))
    // It is promoted once.
    var promoted = three
    promoted[1].target = 1
    promoted[1].isRunning = true
    #expect(halving.next(promoted) == .train(trial: 4, rung: 0))
  }

  @Test func theHighestRungGoesFirst() {
    let standings =
      (1...3).map { Standing(trial: $0, values: [0.9, 0.9 - Double($0) / 100], target: 1) }
      + (4...9).map { Standing(trial: $0, values: [0.95], target: 0) }
    #expect(halving.next(standings) == .train(trial: 1, rung: 2))
  }

  @Test func equalValuesAreOrderedByNumber() {
    let standings = (1...3).map { Standing(trial: $0, values: [0.5], target: 0) }
    #expect(halving.next(standings) == .train(trial: 1, rung: 1))
  }

  @Test func aKilledTrialGoesOnFirst() {
    let standings =
      (1...3).map { Standing(trial: $0, values: [0.5], target: 0) } + [Standing(trial: 4, values: [0.4], target: 1)]
    #expect(halving.next(standings) == .train(trial: 4, rung: 1))
  }

  @Test func aTrialThatAUserPromotesGoesOnWhateverItsRank() {
    var standings = (1...3).map { Standing(trial: $0, values: [Double($0)], target: 0) }
    standings[0].promotedRung = 1
    #expect(halving.next(standings) == .train(trial: 1, rung: 1))
    standings[0].isRunning = true
    standings[0].target = 1
    #expect(halving.next(standings) == .train(trial: 3, rung: 1))
    standings[0] = Standing(trial: 1, values: [1], target: 0, hasFailed: true, promotedRung: 1)
    #expect(halving.next(standings) == .train(trial: 3, rung: 1))
  }

  @Test func aFailedTrialIsNeverTrainedAgain() {
    let standings = [
      Standing(trial: 1, values: [0.9], target: 1, hasFailed: true), Standing(trial: 2, values: [0.8], target: 0),
      Standing(trial: 3, values: [0.7], target: 0),
    ]
    #expect(halving.next(standings) == .end)
  }

  @Test func everyTrialReachesTheFirstRungAndAThirdEachNext() {
    var sweep = SimulatedSweep(
      curves: (0..<27).map { number in [0, 0, 0].map { _ in Double(number) } }, rungs: [1, 2, 3])
    sweep.run(halving, workers: 1)
    #expect(sweep.standings.filter { $0.values.count >= 1 }.count == 27)
    #expect(sweep.standings.filter { $0.values.count >= 2 }.count >= 9)
    #expect(sweep.standings.filter { $0.values.count >= 3 }.map(\.trial).contains(27))
  }

  /// The claim of the documentation: within 0.1 % of the grid's best, in at most a quarter of its epochs.
  @Test(arguments: [1, 2, 8])
  func halvingFindsTheGridsBestInAQuarterOfItsEpochs(workers: Int) throws {
    let result = try Benchmark("constant").run(rungs: [3, 9, 27], workers: workers)
    #expect(result.loss <= 0.001)
    #expect(result.share <= 0.25)
  }

  /// The documentation's warning: with a decaying learning rate, what is best after one epoch is not best at the end.
  @Test func aDecayingLearningRateMisleadsHalving() throws {
    let result = try Benchmark("decaying").run(rungs: [1, 3, 9, 27], workers: 1)
    #expect(abs(result.loss - 0.0055) < 0.0001)
    #expect(result.share < 0.12)
  }
}

/// Successive halving over a grid of recorded curves, in 20 seeded orders, with a quarter of the grid's epochs.
private struct Benchmark {
  let curves: [[Double]]

  init(_ name: String) throws { curves = try RecordedCurves(name).best }

  /// Returns the median of what halving misses of the grid's best accuracy, and of the share of the grid's epochs.
  func run(rungs: [Int], workers: Int) -> (loss: Double, share: Double) {
    let best = curves.compactMap(\.last).max() ?? 0
    let all = curves.count * rungs[rungs.count - 1]
    var (losses, shares): ([Double], [Double]) = ([], [])
    for repetition in 0..<20 {
      var generator = Philox(seed: UInt64(repetition))
      var order = (0..<Int32(curves.count)).map { $0 }
      generator.shuffle(&order)
      var sweep = SimulatedSweep(
        curves: order.map { curves[Int($0)] }, rungs: rungs, budget: all / 4, generator: generator)
      sweep.run(SuccessiveHalving(rungCount: rungs.count, factor: 3), workers: workers)
      let found = sweep.standings.compactMap { $0.values.count == rungs.count ? $0.values.last : nil }.max() ?? 0
      losses.append(best - found)
      shares.append(Double(sweep.epochs) / Double(all))
    }
    func median(_ values: [Double]) -> Double { (values.sorted()[9] + values.sorted()[10]) / 2 }
    return (median(losses), median(shares))
  }
}

/// The curves of a grid that was trained on the built-in digits; see `record_curves.py` beside them.
struct RecordedCurves {
  /// The best validation accuracy so far after each of 27 epochs, for each setting.
  let best: [[Double]]

  init(_ name: String) throws {
    let file = try #require(Bundle.module.url(forResource: "Fixtures/curves-\(name)", withExtension: "csv"))
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").dropFirst()
    best = lines.map { line in
      let values = line.split(separator: ",").dropFirst(2).compactMap { Double($0) }
      return values.indices.map { values[...$0].max() ?? 0 }
    }
  }
}

/// Workers that train trials with known curves, each for as long as its epochs take.
private struct SimulatedSweep {
  let curves: [[Double]]
  let rungs: [Int]
  let budget: Int
  var generator = Philox(seed: 1)
  var standings: [SuccessiveHalving.Standing]
  /// Epochs trained.
  var epochs = 0

  init(curves: [[Double]], rungs: [Int], budget: Int = .max, generator: Philox = Philox(seed: 1)) {
    (self.curves, self.rungs, self.budget, self.generator) = (curves, rungs, budget, generator)
    standings = curves.indices.map { SuccessiveHalving.Standing(trial: $0 + 1) }
  }

  mutating func run(_ halving: SuccessiveHalving, workers: Int) {
    var jobs: [(end: Double, trial: Int, rung: Int)] = []
    var now = 0.0
    while true {
      while jobs.count < workers, case .train(let trial, let rung) = halving.next(standings) {
        let done = rung == 0 ? 0 : rungs[rung - 1]
        guard epochs + rungs[rung] - done <= budget else { break }
        epochs += rungs[rung] - done
        standings[trial - 1].target = rung
        standings[trial - 1].isRunning = true
        // Epochs take between half and twice their time.
        jobs.append((now + Double(rungs[rung] - done) * Double(0.5 + 1.5 * generator.uniform()), trial, rung))
      }
      guard let next = jobs.indices.min(by: { jobs[$0].end < jobs[$1].end }) else { return }
      let job = jobs.remove(at: next)
      now = job.end
      standings[job.trial - 1].isRunning = false
      standings[job.trial - 1].values.append(curves[job.trial - 1][rungs[job.rung] - 1])
    }
  }
}
