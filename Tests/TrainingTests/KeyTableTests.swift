import EngineProtocol
import Foundation
import NeuralNetworks
import Tensors
import Testing
import Training

/// The table of keys, and what is derived from it.
@Suite struct KeyTableTests {
  @Test func everyKeyHasAnExplanationAndANameOfItsOwn() {
    #expect(Set(LaneKey.all.map(\.name)).count == LaneKey.all.count)
    for key in LaneKey.all {
      #expect(!key.values.isEmpty && key.summary.hasSuffix("."), "\(key.name)")
      #expect(LaneKey.named(key.name)?.name == key.name)
    }
    #expect(LaneKey.named("nothing") == nil)
    for method in Method.all { #expect(!method.summary.isEmpty && Method.named(method.name) == method) }
  }

  @Test func knobsAreShownInOrderEachOnce() {
    let names = LaneKey.shownKnobs.map(\.name)
    #expect(names.first == "learningRate" && Set(names).count == names.count)
    #expect(Set(names) == Set(LaneKey.all.filter(\.isKnob).map(\.name)))
    for name in names { #expect(Hyperparameter(rawValue: name) != nil, "\(name)") }
  }

  @Test(
    "which lanes have a key, and its default, are found",
    arguments: [
      ("momentum", "optimizer sgd", "0"), ("finalLearningRate", "schedule exponential, cosine", "a thousandth"),
      ("scaleGradient", "method xnorNet", "exact"), ("weightBits", "method doReFa", "1"),
      ("batchNormalizationMomentum", "batchNormalization true", "0.9"), ("epochs", "", "20"),
      ("labelSmoothing", "loss crossEntropy", "0"), ("hidden", "", "[512, 512]"),
      ("clampQuantile", "method reCU", "0.85"), ("gamma", "method binaryConnect, bnn; optimizer bop", "0.0001"),
      ("learningRate", "", "0.001; 0.1 with optimizer sgd; 0.002 with optimizer adaMax"),
      ("initialization", "", "glorot; unit with method binaryConnect"), ("optimizer", "", "adam"),
    ])
  func facts(name: String, lanes: String, standard: String) throws {
    let facts = try #require(KeyFacts.all.first { $0.key.name == name })
    #expect(facts.lanes == lanes)
    #expect(facts.standard.hasPrefix(standard), "\(facts.standard)")
  }

  @Test func keysAreFoundByAWord() {
    #expect(KeyFacts.search("RATE").prefix(2).map(\.key.name) == ["learningRate", "finalLearningRate"])
    #expect(KeyFacts.search("bop").map(\.key.name).contains("gamma"))
    #expect(KeyFacts.search("xyzzy").isEmpty)
  }

  @Test func thePageIsThatOfTheTable() throws {
    let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources/signflip/signflip.docc/Keys.md")
    let written = try String(contentsOf: page, encoding: .utf8)
    #expect(written == KeyFacts.page, "signflip keys --markdown > Sources/signflip/signflip.docc/Keys.md")
  }

  @Test func aMethodsKnobTravelsWithTheRun() throws {
    let knobs = try #require(KnobSpecifications([.learningRate, Hyperparameter(named: "clampQuantile")]))
    let text = String(decoding: try JSONEncoder().encode(knobs), as: UTF8.self)
    #expect(text.contains("clampQuantile") && !text.contains("learningRate"))
    #expect(KnobSpecifications([.learningRate, .epochs]) == nil)
    // As written by another version with another knob.
    let foreign = text.replacing("clampQuantile", with: "quantileOfAnother")
    #expect(Hyperparameter(rawValue: "quantileOfAnother") == nil)
    _ = try JSONDecoder().decode(KnobSpecifications.self, from: Data(foreign.utf8))
    let knob = try #require(Hyperparameter(rawValue: "quantileOfAnother"))
    #expect(knob.specification.title == "quantile" && Hyperparameter.allCases.contains(knob))
    #expect(throws: InvalidHyperparameterValue.self) { try knob.parse("2") }
  }

  @Test func reCUAndDampeningReadAsTheyAreWritten() throws {
    func read(_ yaml: String) throws -> Experiment {
      try ExperimentResolver(environment: [:]).resolve(
        ExperimentRequest(source: .text(yaml, name: "test"), dataset: "digits")
      ).experiment
    }
    let experiment = try read(
      """
      defaults: {oscillationDampening: 0.01}
      lanes:
        - {name: a, method: reCU, clampQuantile: 0.9, finalClampQuantile: 0.95}
        - {name: b, method: bnn}
        - {name: c, method: reCU, ste: ste}
        - {name: d}
      """)
    let dampening = Hyperparameter(named: "oscillationDampening"), quantile = Hyperparameter(named: "clampQuantile")
    #expect(experiment.lanes.map { $0.value(of: dampening) } == [nil, .number(0.01), nil, nil])
    #expect(experiment.lanes.map { $0.value(of: quantile) } == [.number(0.9), nil, .number(0.85), nil])
    #expect(experiment.lanes.map(\.network.ste) == [.approx, .ste, .ste, .ste])
    #expect(experiment.lanes[0].methodDescription == "ReCU" && experiment.lanes[0].value(of: .clipValue) == nil)
    #expect(try read(ExperimentWriter().text(of: experiment)) == experiment)
    var lane = experiment.lanes[0]
    try lane.set(quantile, to: .number(0.6))
    #expect(lane.value(of: quantile) == .number(0.6))
    #expect(throws: RefusedSetting.self) { try lane.set(quantile, to: .number(1)) }
    #expect(throws: RefusedSetting.self) { try lane.set(dampening, to: .number(0.1)) }
    for (key, reason) in [
      ("method: reCU, oscillationDampening: 0.1", "a function of the latent weights"),
      ("method: bnn, clampQuantile: 0.9", "a lane with BNN"), ("method: reCU, clampQuantile: 2", "from 0.5 to 0.9999"),
      ("method: reCU, optimizer: bop", "method binaryConnect or bnn"), ("method: recu", "did you mean “reCU”?"),
      ("oscillationDampening: 0.1", "a lane with float weights and adam has none"),
    ] {
      let error = #expect(throws: ExperimentError.self) { try read("lanes: [{name: a, \(key)}]") }
      #expect("\(error.map { "\($0)" } ?? "")".contains(reason), "\(String(describing: error))")
    }
  }
}
