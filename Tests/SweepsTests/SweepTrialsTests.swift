import EngineProtocol
import Foundation
import Sweeps
import Testing
import Training

/// The trials of a sweep: which, in which order, and that they are always the same.
@Suite struct SweepTrialsTests {
  private static func trials(_ keys: String) throws -> [SweepTrial] {
    try SweepReaderTests.read(
      "experiment: digits-quick\nsweep:\n  objective: binary.validationAccuracy\n  "
        + keys.replacing("\n", with: "\n  ")
    ).trials()
  }

  @Test func aGridHasAllCombinations() throws {
    let trials = try Self.trials(
      """
      seeds: [7, 9]
      parameters:
        binary.optimizer: [adam, sgd]
        binary.learningRate: {log: [1e-4, 1e-2], points: 3}
      """)
    #expect(trials.map(\.number) == Array(1...12))
    #expect(trials.map(\.setting) == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6])
    #expect(trials.prefix(4).map(\.seed) == [7, 9, 7, 9])
    #expect(trials[0].values.map(\.change) == ["binary.optimizer=adam", "binary.learningRate=0.0001"])
    #expect(trials[2].values.map(\.change) == ["binary.optimizer=adam", "binary.learningRate=0.001"])
    #expect(trials[11].words == "binary.optimizer=sgd, binary.learningRate=0.01, seed 9")
  }

  @Test func gridValuesOfRanges() throws {
    let trials = try Self.trials(
      "parameters: {batchSize: {integer: [32, 100], step: 32}, dropout: {linear: [0, 0.5], points: 3}}")
    #expect(Set(trials.map { $0.values[0].value }) == ["32", "64", "96"])
    #expect(trials.prefix(3).map { $0.values[1].value } == ["0", "0.25", "0.5"])
  }

  @Test func aConditionalParameterAppliesOnlyWithItsValue() throws {
    let trials = try Self.trials(
      """
      parameters:
        binary.optimizer: [adam, sgd]
        binary.momentum: {values: [0, 0.9], when: {binary.optimizer: sgd}}
      """)
    #expect(
      trials.map { $0.values.map(\.change) } == [
        ["binary.optimizer=adam"], ["binary.optimizer=sgd", "binary.momentum=0"],
        ["binary.optimizer=sgd", "binary.momentum=0.9"],
      ])
  }

  @Test func withoutParametersTheSeedsAreTheTrials() throws {
    let trials = try Self.trials("seeds: 5")
    #expect(trials.map(\.words) == (1...5).map { "seed \($0)" })
    #expect(Set(trials.map(\.setting)) == [1])
  }

  private static let drawn = """
    search: random
    parameters:
      binary.learningRate: {log: [1e-4, 1e-1]}
      binary.optimizer: [adam, sgd]
      binary.momentum: {linear: [0, 0.9], when: {binary.optimizer: sgd}}
      batchSize: {integer: [1, 4]}
    """

  @Test func drawnTrialsAreAlwaysTheSame() throws {
    let trials = try Self.trials(Self.drawn + "\ntrials: 50")
    #expect(trials == (try Self.trials(Self.drawn + "\ntrials: 50")))
    #expect(Array(trials.prefix(20)) == (try Self.trials(Self.drawn + "\ntrials: 20")))
    #expect(trials != (try Self.trials(Self.drawn + "\ntrials: 50\nsearchSeed: 2")))
    // Recorded: a later version must draw the same.
    #expect(
      trials[0].words
        == "binary.learningRate=0.04831, binary.optimizer=sgd, binary.momentum=0.7867, batchSize=3, seed 1")
  }

  @Test func drawnValuesCoverTheirRange() throws {
    let trials = try Self.trials(Self.drawn + "\ntrials: 400")
    let rates = trials.compactMap { $0.values.first { $0.name == "binary.learningRate" }.flatMap { Double($0.value) } }
    #expect(rates.count == 400 && rates.allSatisfy { (1e-4...1e-1).contains($0) })
    // Uniform in the logarithm: a third of the draws in each decade.
    for decade in [1e-4, 1e-3, 1e-2] {
      #expect(abs(rates.filter { $0 >= decade && $0 < decade * 10 }.count - 133) < 35)
    }
    #expect(Set(trials.compactMap { $0.values.last?.value }) == ["1", "2", "3", "4"])
    for trial in trials {
      let usesSGD = trial.values.contains { $0.change == "binary.optimizer=sgd" }
      #expect(trial.values.contains { $0.name == "binary.momentum" } == usesSGD)
    }
  }

  @Test func settingsAreDifferent() throws {
    let keys = "search: random\nseeds: 2\nparameters: {batchSize: {integer: [1, 4]}}\ntrials: "
    #expect(Set(try Self.trials(keys + "8").map { $0.values[0].value }) == ["1", "2", "3", "4"])
    #expect {
      try Self.trials(keys + "10")
    } throws: {
      "\($0)".contains("expected at most 8 trials, because the parameters have only 4 different settings, found 10")
    }
  }

  @Test func aGridThatNobodyCanTrainIsRefused() {
    let range = "{integer: [1, 1000]}"
    #expect {
      try Self.trials("parameters: {batchSize: \(range), epochs: \(range)}")
    } throws: { "\($0)".contains("expected a grid of at most 100000 trials") }
  }

  @Test func aTrialIsTheRequestOfTrain() throws {
    let sweep = try SweepReaderTests.read(
      "{experiment: digits-quick, sweep: {lanes: [binary], epochs: 3, seeds: [5], parameters: {learningRate: [0.01]}}}")
    let request = sweep.request(for: try sweep.trials()[0])
    #expect(request.settings == ["learningRate=0.01"])
    #expect(request.seed == 5 && request.epochs == 3 && request.lanes == ["binary"] && request.threads == 1)
    #expect(request.source == .text(try PresetLibrary.text(of: "digits-quick"), name: "preset digits-quick"))
  }

  /// Of a large sweep not every trial is checked, but the ends of ranges and all values of lists are.
  @Test(arguments: ["learningRate: {log: [0.001, 1e3]}", "optimizer: [adam, sgd, sdg]"])
  func aLargeSweepIsCheckedAtItsEnds(parameter: String) throws {
    let sweep = try SweepReaderTests.read(
      """
      experiment: digits-quick
      sweep:
        lanes: [binary]
        search: random
        trials: 3000
        parameters:
          binary.dropout: {linear: [0, 0.5]}
          binary.\(parameter)
      """)
    #expect(throws: ExperimentError.self) { try sweep.check(sweep.trials(), environment: [:]) }
  }
}
