import EngineProtocol
import Foundation
import Sweeps
import Testing
import Training

/// Sweeps in YAML: what is read, and what each mistake is answered with.
@Suite struct SweepReaderTests {
  static func read(_ text: String, files: [String: String] = [:]) throws -> SweepDefinition {
    try SweepReader(source: "sweep.yaml", environment: [:]) { path in
      guard let text = files[path] else {
        throw ExperimentError(code: .unreadable, message: "\(path): expected an experiment, found no such file")
      }
      return text
    }.read(text)
  }

  private static func message(_ text: String) -> String {
    do {
      let definition = try read(text)
      try definition.check(definition.trials(), environment: [:])
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  @Test func everyKeyIsRead() throws {
    let sweep = try Self.read(
      """
      experiment: digits-quick
      sweep:
        name: rates
        parameters:
          binary.optimizer: [adam, sgd]
          binary.learningRate: {log: [1e-4, 1e-1], points: 4}
          binary.momentum: {linear: [0, 0.9], when: {binary.optimizer: sgd}}
          batchSize: {integer: [32, 256], step: 32}
          hidden: {values: [[64], [128, 64]]}
        seeds: [3, 1]
        search: random
        trials: 40
        searchSeed: 7
        objective: binary.validationLoss
        epochs: 4
        budget: {epochs: 100, hours: 1.5}
        lanes: [binary]
        threads: 2
      """)
    #expect(sweep.name == "rates")
    #expect(sweep.experimentName == "preset digits-quick")
    #expect(sweep.experiment.lanes.map(\.name) == ["binary"])
    #expect(sweep.parameters.map(\.name).first == "binary.optimizer")
    #expect(
      sweep.parameters.map(\.domain) == [
        .list(["adam", "sgd"]), .log(lower: 1e-4, upper: 0.1, points: 4), .linear(lower: 0, upper: 0.9, points: nil),
        .integer(lower: 32, upper: 256, step: 32), .list(["[64]", "[128, 64]"]),
      ])
    #expect(sweep.parameters[2].conditions.map(\.parameter) == ["binary.optimizer"])
    #expect(sweep.parameters[2].conditions.map(\.values) == [["sgd"]])
    #expect(sweep.parameters[1].place == "sweep.yaml:6")
    #expect(sweep.seeds == [3, 1])
    #expect(sweep.search == .random)
    #expect(sweep.trialCount == 40)
    #expect(sweep.searchSeed == 7)
    #expect(sweep.objective == SweepObjective(lane: "binary", measure: .validationLoss))
    #expect(sweep.epochs == 4 && sweep.threads == 2 && sweep.lanes == ["binary"])
    #expect(sweep.budget.epochs == 100 && sweep.budget.hours == 1.5)
  }

  @Test func aSweepMayContainItsExperiment() throws {
    let text = """
      name: own
      sweep:
        parameters:
          learningRate: [0.1, 0.01]
      dataset: digits
      lanes:
        - {name: a, method: binaryConnect, epochs: 9}
      """
    let sweep = try Self.read(text)
    #expect(sweep.name == "own")
    #expect(sweep.objective.text == "a.validationAccuracy")
    #expect(sweep.epochsPerTrial == 9)
    #expect(sweep.seeds == [1])
    // Line numbers are those of the file.
    #expect(Self.message(text.replacing("epochs: 9", with: "epoch: 9")).hasPrefix("sweep.yaml:7: unknown key"))
  }

  @Test func anExperimentMayBeAFile() throws {
    let files = ["mine/e.yaml": "{dataset: digits, lanes: [{name: a}]}"]
    let sweep = try Self.read("{experiment: mine/e.yaml, sweep: {seeds: 5}}", files: files)
    #expect(sweep.experimentName == "mine/e.yaml")
    #expect(sweep.seeds == [1, 2, 3, 4, 5])
    #expect(try sweep.trials().count == 5)
  }

  @Test func rungsGrowByTheFactorUpToTheWholeTrial() throws {
    let text = "{experiment: digits-quick, sweep: {lanes: [binary], search: halving, trials: 4, epochs: 20, "
    #expect(try Self.read(text + "parameters: {learningRate: {log: [0.001, 0.1]}}}}").rungs == [1, 3, 9, 20])
    let own = text + "halving: {from: 5, factor: 2}, parameters: {learningRate: {log: [0.001, 0.1]}}}}"
    #expect(try Self.read(own).rungs == [5, 10, 20])
  }

  @Test(arguments: [
    ("", "expected an experiment and sweep:, found nothing"),
    ("experiment: digits-quick", "sweep: expected keys with values, found nothing"),
    ("{experiment: digits-quik, sweep: {seeds: 2}}", "experiment: unknown preset “digits-quik”"),
    ("{experiment: mine.yaml, sweep: {seeds: 2}}", "mine.yaml: expected an experiment, found no such file"),
    ("{experiment: digits-quick, seed: 3, sweep: {seeds: 2}}", "unknown key “seed”; expected one of experiment, sweep"),
    (
      "{experiment: digits-quick, sweep: {seeds: 2}}",
      "sweep.objective: expected LANE.MEASURE with a lane of baseline, binary"
    ),
  ])
  func mistakesOfTheFileAreNamed(text: String, words: String) {
    #expect(Self.message(text).contains(words), "\(Self.message(text))")
  }

  @Test(arguments: [
    ("seeds: 0", "sweep.yaml:5: sweep.seeds: expected a whole number from 1 to 10000, found “0”"),
    ("seeds: [1, 1]", "sweep.seeds: expected their number, or a list of different whole numbers, found [1, 1]"),
    ("search: bayes", "sweep.search: expected grid or random or halving, found “bayes”"),
    ("search: random", "sweep.trials: expected the number of trials of search: random, found nothing"),
    ("trials: 4", "sweep.yaml:5: sweep.trials: expected no such key with search: grid"),
    ("{search: random, trials: 5, seeds: 2}", "sweep.trials: expected a multiple of the 2 seeds"),
    ("{search: halving, trials: 4, seeds: 2}", "sweep.seeds: expected one seed with search: halving"),
    ("halving: {factor: 2}", "sweep.halving: expected no such key with search: grid"),
    (
      "{search: halving, trials: 3, halving: {factor: 1}}",
      "sweep.halving.factor: expected a whole number from 2 to 100"
    ),
    ("budget: {hour: 2}", "unknown key “sweep.budget.hour”; expected one of epochs, hours; did you mean “hours”?"),
    ("lane: binary", "unknown key “sweep.lane”"),
    ("lanes: [binry]", "expected a lane of baseline, binary, found “binry”; did you mean “binary”?"),
    ("objective: binary.accuracy", "sweep.objective: expected LANE.MEASURE"),
    ("objective: binari.validationAccuracy", "did you mean “binary.validationAccuracy”?"),
    ("searchSeed: 1", "sweep.searchSeed: expected no such key with search: grid"),
    ("threads: 0", "sweep.threads: expected a whole number from 1 to 1024, found “0”"),
    ("parameters: [a]", "sweep.parameters: expected parameters with their values, found [a]"),
    ("parameters: {binary.learningRate: 0.1}", "sweep.parameters.binary.learningRate: expected a list, or {log:"),
    ("parameters: {binary.learningRate: []}", "expected a list of at least one value"),
    ("parameters: {binary.learningRate: [0.1, 0.1]}", "expected a list of different values, found [0.1, 0.1]"),
    ("parameters: {binary.learningRate: {log: [0, 1], points: 2}}", "expected [from, to] with 0 < from < to"),
    (
      "parameters: {binary.learningRate: {log: [0.1, 1]}}",
      "learningRate.points: expected a whole number from 2: a grid"
    ),
    ("parameters: {binary.learningRate: {lgo: [0.1, 1]}}", "unknown key “sweep.parameters.binary.learningRate.lgo”"),
    ("parameters: {batchSize: {integer: [8, 4]}}", "expected [from, to] with whole numbers from < to"),
    ("parameters: {binary.dropout: {values: [0.1], when: {x: 1}}}", "when: expected a parameter that is listed before"),
    ("parameters: {binary..dropout: [1]}", "sweep.parameters: expected lane.key or key, found “binary..dropout”"),
    // Found when the trials are checked against the keys of a lane.
    (
      "parameters: {binary.learningRat: [1]}",
      "sweep.yaml:5: sweep.parameters.binary.learningRat: --set binary.learningRat=1: unknown key"
    ),
    (
      "parameters: {binary.learningRate: [0.1, much]}",
      "--set binary.learningRate=much: learningRate: expected a number"
    ),
    ("parameters: {binary.momentum: [0.9]}", "--set binary.momentum=0.9: expected no such key"),
    ("parameters: {seed: [1, 2]}", "“seed” is not a key of a lane; use --seed"),
  ])
  func mistakesInASweepAreNamed(line: String, words: String) {
    var keys = line.hasPrefix("{") ? String(line.dropFirst().dropLast()).replacing(", ", with: "\n  ") : line
    if line.hasPrefix("{"), line.contains("halving: {") { keys = keys.replacing("\n  factor", with: ", factor") }
    let objective = line.hasPrefix("objective") || line.hasPrefix("lanes") ? "" : "objective: binary.validationAccuracy"
    let text = "experiment: digits-quick\nsweep:\n  \(objective)\n  # a comment\n  \(keys)\n"
    #expect(Self.message(text).contains(words), "\(Self.message(text))")
  }
}
