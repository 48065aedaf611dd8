import EngineProtocol
import NeuralNetworks
import Tensors
import Testing
import Training

/// Keys of the optimization: they are read, written back unchanged, and rejected if they would have no effect.
@Suite struct LearningKeysTests {
  @Test func adaMaxHasItsPapersRateAndAdamsBetas() throws {
    let experiment = try resolve(
      """
      lanes:
        - {name: a, method: bnn, optimizer: adaMax, beta2: 0.99}
        - {name: b, optimizer: adaMax, learningRate: 0.1}
      """)
    #expect(experiment.lanes.map { $0.value(of: .learningRate) } == [.number(0.002), .number(0.1)])
    #expect(experiment.lanes.map { $0.value(of: .beta2) } == [.number(0.99), .number(0.999)])
    try expectWrittenAsRead(experiment)
  }

  @Test func momentsAreInBfloat16WhereTheOptimizerKeepsAny() throws {
    let experiment = try resolve(
      """
      defaults: {optimizerState: bfloat16}
      lanes:
        - {name: a, method: bnn}
        - {name: b, method: bnn, optimizer: bop}
        - {name: c, optimizer: sgd, momentum: 0.9}
        - {name: d, optimizer: sgd}
        - {name: e, optimizerState: float32}
      """)
    #expect(experiment.lanes.map { $0.optimizer.state } == [.bfloat16, .bfloat16, .bfloat16, nil, nil])
    try expectWrittenAsRead(experiment)
  }

  @Test func outputsOfAListOfLayersAreNormalizedWhereAskedForAndOnce() throws {
    let experiment = try resolve(
      """
      defaults: {method: bnn, outputNormalization: true}
      lanes:
        - {name: a, network: [flatten, linear: classes]}
        - {name: b, network: [flatten, linear: classes, batchNormalization]}
        - {name: c, network: [flatten, linear: classes], outputNormalization: false}
        - {name: d, network: [flatten, linear: classes], batchNormalization: false}
        - {name: e, hidden: [4], batchNormalization: false, outputNormalization: false}
      """)
    #expect(experiment.lanes.prefix(4).map { $0.network.allLayers.count } == [3, 3, 2, 2])
    #expect(experiment.lanes[0].network == experiment.lanes[1].network)
    try expectWrittenAsRead(experiment)
  }

  @Test func labelsAreSmoothedWhereTheLossIsACrossEntropy() throws {
    let experiment = try resolve(
      """
      defaults: {labelSmoothing: 0.1}
      lanes:
        - {name: a}
        - {name: b, method: bnn, loss: squaredHinge}
        - {name: c, labelSmoothing: 0}
      """)
    #expect(experiment.lanes.map { $0.value(of: .labelSmoothing) } == [.number(0.1), nil, .number(0)])
    try expectWrittenAsRead(experiment)
    var lane = experiment.lanes[0]
    try lane.set(.labelSmoothing, to: .number(0.3), atEpoch: 2)
    #expect(lane.labelSmoothing == 0.3)
  }

  @Test func normalizationAndAdaMaxGoByShifts() throws {
    let experiment = try resolve(
      """
      defaults: {batchNormalizationKind: shift, optimizer: shiftAdaMax}
      lanes:
        - {name: a, method: bnn}
        - {name: b, method: bnn, batchNormalization: false, beta2: 0.999, learningRate: 0.015625}
        - {name: c, batchNormalizationKind: standard}
      """)
    #expect(experiment.lanes.map { $0.network.batchNormalization?.kind } == [.shift, nil, nil])
    #expect(experiment.lanes.map { $0.value(of: .learningRate) } == [0x1p-10, 0x1p-6, 0x1p-10].map { .number($0) })
    #expect(experiment.lanes[0].optimizer.beta1 == 0.875)
    #expect(experiment.lanes.map(\.optimizer.beta2) == [1 - 0x1p-10, 0.999, 1 - 0x1p-10])
    try expectWrittenAsRead(experiment)
  }

  @Test func weightsAreFloatUntilTheirEpoch() throws {
    let experiment = try resolve(
      """
      defaults: {binaryWeightsFrom: 3}
      lanes:
        - {name: a, method: bnn}
        - {name: b}
        - {name: c, method: bnn, optimizer: bop}
        - {name: d, method: xnorNet, binaryWeightsFrom: 0}
      """)
    #expect(experiment.lanes.map { $0.value(of: .binaryWeightsFrom) } == [.number(3), nil, nil, .number(0)])
    #expect([0, 2.99, 3].map { experiment.lanes[0].usesFloatWeights(atEpoch: $0) } == [true, true, false])
    #expect(!experiment.lanes[1].usesFloatWeights(atEpoch: 0))
    try expectWrittenAsRead(experiment)
  }

  @Test func aLaneLearnsFromAnother() throws {
    let experiment = try resolve(
      """
      defaults: {distillation: {from: a, temperature: 2}}
      lanes:
        - {name: a}
        - {name: b, method: bnn}
        - {name: c, method: bnn, distillation: {from: b, weight: 0.25}}
      """, settings: ["b.distillationWeight=0.75"])
    #expect(
      experiment.lanes.map(\.distillation) == [
        nil, Distillation(teacher: "a", weight: 0.75, temperature: 2), Distillation(teacher: "b", weight: 0.25),
      ])
    #expect(experiment.lanes[0].value(of: .distillationWeight) == nil)
    #expect(experiment.lanes[2].value(of: .distillationTemperature) == .number(4))
    try expectWrittenAsRead(experiment)
    let request = ExperimentRequest(
      source: .text(try ExperimentWriter().text(of: experiment), name: "test"), dataset: "digits", lanes: ["b", "c"])
    #expect(throws: ExperimentError.self) { try ExperimentResolver(environment: [:]).resolve(request) }
  }

  @Test(arguments: [
    ("lanes: [{name: a, optimizer: adaMax, momentum: 0.9}]", "lanes[0].momentum: expected no such key"),
    (
      "lanes: [{name: a, optimizer: sgd, optimizerState: bfloat16}]",
      "lanes[0].optimizerState: expected no such key"
    ),
    ("lanes: [{name: a, optimizerState: float16}]", "lanes[0].optimizerState: expected"),
    (
      "lanes: [{name: a, loss: squaredHinge, labelSmoothing: 0.1}]",
      "lanes[0].labelSmoothing: expected no such key: only crossEntropy"
    ),
    ("lanes: [{name: a, labelSmoothing: 1.5}]", "lanes[0].labelSmoothing: expected a number from 0 to 1"),
    (
      "lanes: [{name: a, batchNormalization: false, batchNormalizationKind: shift}]",
      "lanes[0].batchNormalizationKind: expected no such key: it has no batch normalization"
    ),
    (
      "lanes: [{name: a, batchNormalizationKind: shifted}]",
      "lanes[0].batchNormalizationKind: expected standard or shift, found “shifted”"
    ),
    (
      "lanes: [{name: a, binaryWeightsFrom: 2}]",
      "lanes[0].binaryWeightsFrom: expected no such key: its weights are not made from latent weights directly"
    ),
    ("lanes: [{name: a, method: bnn, binaryWeightsFrom: 2.5}]", "binaryWeightsFrom: expected a whole number from 0"),
    (
      "lanes: [{name: a, distillationWeight: 0.5}]",
      "lanes[0].distillationWeight: expected no such key: it has no teacher"
    ),
    ("lanes: [{name: a, distillation: {from: a}}]", "lane a: distillation.from: expected another lane, found “a”"),
    ("lanes: [{name: a, distillation: {from: c}}, {name: b}]", "expected a lane of a, b, found “c”"),
    (
      "lanes: [{name: a, distillation: {from: b}}, {name: b, distillation: {from: a}}]",
      "lane b: distillation.from: expected a lane that does not learn from b itself, found “a”"
    ),
    ("lanes: [{name: a}, {name: b, distillation: {weight: 1}}]", "lanes[1].distillation.from: expected the name"),
    ("lanes: [{name: a}, {name: b, distillation: {from: a, weight: 2}}]", "weight: expected a number from 0 to 1"),
    ("lanes: [{name: a}, {name: b, distillation: {from: a, temp: 2}}]", "unknown key “lanes[1].distillation.temp”"),
    (
      "lanes: [{name: a}, {name: b, distillation: {from: a, weight: 1}, distillationWeight: 0.5}]",
      "lanes[1].distillation.weight: expected no such key beside distillationWeight"
    ),
    ("lanes: [{name: a, optimizer: adamax}]", "lanes[0].optimizer: expected sgd or adam or adaMax"),
  ])
  func whatWouldDoNothingIsRefused(yaml: String, expected: String) {
    var found = "no error"
    do { _ = try resolve(yaml) } catch { found = "\(error)" }
    #expect(found.contains(expected), "found: \(found)")
  }

  @Test("a lane's setting overrides a default, and a change overrides both")
  func distillationNumbers() throws {
    let yaml = """
      defaults: {distillationWeight: 0.3, distillationTemperature: 2}
      lanes: [{name: a}, {name: b, distillation: {from: a, weight: 0.9}}]
      """
    let read = try resolve(yaml).lanes[1].distillation
    #expect(read == Distillation(teacher: "a", weight: 0.9, temperature: 2))
    #expect(try resolve(yaml, settings: ["b.distillationWeight=0.1"]).lanes[1].distillation?.weight == 0.1)
  }

  @Test(
    "an error in a mapping names the place where that stands, not a change of another key",
    arguments: [
      ("distillation: {from: a, weight: 2}", "test:1: lanes[1].distillation.weight"),
      ("network: [{convolution: none}]", "test:1: lanes[1].network[0]"),
      ("network: {name: n, layers: 3}", "test:1: lanes[1].network.layers"),
    ])
  func errorsBesideChanges(keys: String, expected: String) {
    var found = "no error"
    do {
      _ = try resolve("lanes: [{name: a}, {name: b, \(keys)}]", settings: ["epochs=1"])
    } catch { found = "\(error)" }
    #expect(found.contains(expected), "found: \(found)")
  }

  private func resolve(_ yaml: String, settings: [String] = []) throws -> Experiment {
    let request = ExperimentRequest(source: .text(yaml, name: "test"), dataset: "digits", settings: settings)
    return try ExperimentResolver(environment: [:]).resolve(request).experiment
  }

  private func expectWrittenAsRead(_ experiment: Experiment) throws {
    #expect(try resolve(ExperimentWriter().text(of: experiment)) == experiment)
  }
}
