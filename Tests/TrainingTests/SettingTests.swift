import EngineProtocol
import NeuralNetworks
import Testing
import Training

/// `--set`: the effect of a change of method, optimizer or schedule on other keys, the removal of keys, and suggestions for
/// misspelt names.
@Suite struct SettingTests {
  private let yaml = """
    defaults: {hidden: [8], epochs: 4}
    lanes:
      - {name: base, optimizer: sgd, momentum: 0.5, schedule: step, stepEpochs: 2, stepFactor: 0.5}
      - {name: sign, method: bnn, schedule: cosine, finalLearningRate: 1e-5, clipValue: 0.75, steWindow: 2, dropout: 0.25}
    """

  private func resolve(_ settings: String..., yaml: String? = nil, lanes: [String]? = nil) throws
    -> ExperimentResolver.Resolution
  {
    try ExperimentResolver(environment: [:]).resolve(
      ExperimentRequest(
        source: .text(yaml ?? self.yaml, name: "file.yaml"), dataset: "digits", settings: settings, lanes: lanes))
  }

  private func message(_ work: () throws -> Void) -> String {
    do {
      try work()
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  @Test func anotherScheduleLeavesTheOldOnesKeysOut() throws {
    let found = try resolve("sign.schedule=constant")
    #expect(found.experiment.lanes[1].schedule.kind == .constant)
    #expect(found.experiment.lanes[1].value(of: .finalLearningRate) == nil)
    #expect(
      found.notes == [
        "lane sign: with --set sign.schedule=constant, finalLearningRate (1e-5) has no effect and is ignored"
      ])
    // For all lanes, each with its own keys.
    let all = try resolve("schedule=exponential")
    #expect(all.experiment.lanes.allSatisfy { $0.schedule.kind == .exponential })
    #expect(
      all.notes == [
        """
        lane base: with --set schedule=exponential, stepEpochs (2), stepFactor (0.5) have no effect and are ignored
        """
      ])
  }

  @Test func anotherOptimizerMethodOrSteDoesSo() throws {
    let adam = try resolve("base.optimizer=adam")
    #expect(adam.experiment.lanes[0].value(of: .momentum) == nil)
    #expect(adam.notes.count == 1 && adam.notes[0].contains("momentum (0.5) has no effect"))
    let float = try resolve("sign.method=baseline")
    #expect(float.notes.count == 1)
    #expect(float.notes.first?.contains("clipValue (0.75), steWindow (2) have no effect") == true)
    let approx = try resolve("sign.ste=approx")
    #expect(approx.notes.first?.contains("steWindow (2)") == true)
    #expect(try resolve("sign.clipValue=0.5", "epochs=9").notes.isEmpty)
  }

  @Test func whatStoodWrongBeforeIsRefusedAllTheSame() {
    let wrong = "lanes: [{name: a, momentum: 0.5, schedule: cosine, finalLearningRate: 1e-5}]"
    let found = message { _ = try resolve("a.schedule=constant", yaml: wrong) }
    #expect(found.contains("lanes[0].momentum: expected no such key"))
    // The same for keys given on the command line.
    let asked = message { _ = try resolve("sign.schedule=constant", "sign.finalLearningRate=1e-6") }
    #expect(asked.contains("--set sign.finalLearningRate=1e-6: expected no such key"))
    #expect(message { _ = try resolve("epochs=3", yaml: wrong) }.contains("momentum"))
  }

  @Test(arguments: ["sign.finalLearningRate=", "sign.finalLearningRate= ", "sign.finalLearningRate=null"])
  func anEmptyValueTakesAKeyAway(setting: String) throws {
    let lane = try resolve(setting).experiment.lanes[1]
    #expect(lane.schedule.kind == .cosine)
    #expect(lane.value(of: .finalLearningRate) == .number(lane.schedule.anchor.rate / 1000))
    // Also a default key, for one lane or all; a later change sets it again.
    #expect(try resolve("sign.epochs=").experiment.lanes.map(\.epochs) == [4, 20])
    #expect(try resolve("epochs=").experiment.lanes.map(\.epochs) == [20, 20])
    #expect(try resolve("epochs=", "base.epochs=3").experiment.lanes.map(\.epochs) == [3, 20])
    #expect(message { _ = try resolve("sign.clipVal=") }.contains("unknown key “clipVal”"))
    #expect(message { _ = try resolve("sign.name=") }.contains("a key that can be changed"))
  }

  @Test func aKeyThatNoLaneHasIsRefusedForAll() {
    let only = "lanes: [{name: a}, {name: b, optimizer: sgd}]"
    #expect(message { _ = try resolve("ste=approx", yaml: only) }.contains("a key that at least one lane has"))
    #expect(message { _ = try resolve("weightBits=2", yaml: only) }.contains("a key that at least one lane has"))
  }

  @Test(arguments: [
    ("sign.clipvalue=1", "clipValue"), ("learningrate=1", "learningRate"), ("sing.epochs=3", "sign"),
    ("base.optimizer=adma", "adam"), ("sign.method=bn", "bnn"), ("sign.network=lenet5", "lenet-5"),
    ("sign.schedule=cosin", "cosine"),
  ])
  func aMisspeltWordOffersTheNearest(setting: String, name: String) {
    let found = message { _ = try resolve(setting) }
    #expect(found.hasSuffix("did you mean “\(name)”?"), "\(found)")
  }

  @Test func whatHasAnOptionOfItsOwnPointsToIt() {
    #expect(message { _ = try resolve("seed=5") }.contains("use --seed 5"))
    #expect(message { _ = try resolve("sign.dataset=mnist") }.contains("use --dataset mnist"))
    #expect(message { _ = try resolve("lanes=sign") }.contains("use --lanes sign"))
    #expect(message { _ = try resolve("threads=2") }.contains("use --threads 2"))
    #expect(message { _ = try resolve(lanes: ["bas"]) }.contains("did you mean “base”?"))
    #expect(message { _ = try PresetLibrary.text(of: "fashon-bnn") }.contains("did you mean “fashion-bnn”?"))
    let data = message {
      _ = try ExperimentResolver(environment: [:]).resolve(
        ExperimentRequest(source: .text(yaml, name: "x"), dataset: "fasion-mnist"))
    }
    #expect(data.contains("did you mean “fashion-mnist”?"))
  }

  @Test(arguments: [
    (String(repeating: "n", count: 256), "at most 255 characters (this one has 256)"),
    ("-a", "does not start with “-”"),
    ("..", "a name of letters"), ("a/b", "a name of letters"), ("\"a\\nb\"", "a name of letters"),
    ("\"a\\0\"", "a name of letters"), ("\"\\u202Ea\"", "a name of letters"),
  ])
  func aNameThatCannotBeAFilesOrAWordIsRefused(name: String, expected: String) {
    let found = message { _ = try resolve(yaml: "lanes: [{name: \(name)}]") }
    #expect(found.contains(expected), "\(found)")
  }

  @Test func lettersOfEveryScriptMayStandInAName() throws {
    for name in ["ß", "базовая", "基準", "हिन्दी", "e\u{301}"] {
      #expect(try resolve(yaml: "lanes: [{name: \(name)}]").experiment.lanes[0].name == name)
    }
    // The same letters in another Unicode normalization are the same name.
    #expect(
      message { _ = try resolve(yaml: "lanes: [{name: \u{E9}}, {name: e\u{301}}]") }.contains("a unique name"))
  }
}
