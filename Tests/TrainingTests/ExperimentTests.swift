import Datasets
import EngineProtocol
import Foundation
import NeuralNetworks
import Testing
import Tensors
import Training

@Suite struct ExperimentTests {
  @Test(arguments: PresetLibrary.names)
  func everyPresetReadsUnderItsName(name: String) throws {
    let experiment = try PresetLibrary.experiment(named: name)
    #expect(experiment.name == name)
    #expect(!experiment.summary.isEmpty)
    #expect(!experiment.expectedResult.isEmpty)
    #expect(!experiment.cost.isEmpty)
    #expect(!experiment.expectedResult.contains("to be measured"))
    #expect(!experiment.lanes.isEmpty)
  }

  // The recorded experiment must give the same run.
  @Test(arguments: PresetLibrary.names)
  func whatIsWrittenReadsAsTheSame(name: String) throws {
    let experiment = try PresetLibrary.experiment(named: name)
    let text = try ExperimentWriter().text(of: experiment)
    let again = try ExperimentResolver(environment: [:]).resolve(
      ExperimentRequest(source: .text(text, name: "written"), dataset: experiment.dataset))
    #expect(again.experiment == experiment)
  }

  // Default keys that a lane does not have must not become its own keys.
  @Test func defaultsThatALaneDoesNotHaveAreNotItsOwn() throws {
    let yaml = """
      defaults: {floatLayers: [first], ste: approx, binarization: stochastic, scaleGradient: paper, gamma: 0.1}
      lanes:
        - {name: a, method: baseline}
        - {name: b, method: bnn}
        - {name: c, method: xnorNet}
        - {name: d, method: binaryConnect, optimizer: bop}
      """
    let experiment = try resolve(yaml, settings: ["a.epochs=4", "scaleGradient=exact"])
    #expect(experiment.lanes[1].binarization == .stochastic)
    #expect(experiment.lanes[2].binarization == .deterministic)
    let text = try ExperimentWriter().text(of: experiment)
    #expect(try resolve(text) == experiment)
  }

  @Test func quantizersReadAsTheyAreWritten() throws {
    let yaml = """
      defaults: {weightScale: mean, epochs: 2}
      lanes:
        - {name: baseline}
        - {name: scaled, method: bnn}
        - {name: plain, method: binaryConnect, weightScale: none}
        - {name: bop, method: bnn, optimizer: bop}
        - {name: ternary, method: ternary, ste: approx, activation: sign, ternaryThreshold: 0.05}
        - {name: twn, method: ternary, weightScale: none}
        - {name: dorefa, method: doReFa, weightBits: 3, activationBits: 4}
        - {name: usual, method: doReFa}
        - {name: drawn, method: bnn, weightScale: none, binarization: stochastic, activations: stochastic}
        - {name: ends, method: bnn, weightScale: none, floatLayers: [first], eightBitLayers: [last]}
        - {name: k, method: xnorNet, inputScale: true}
      """
    let experiment = try resolve(yaml)
    #expect(
      experiment.lanes[4].network.options == [
        "ternaryThreshold": .float(0.05), "weightScale": .word("mean"), "activation": .word("sign"),
      ])
    #expect(experiment.lanes[4].network.ste == .approx)
    #expect(experiment.lanes[4].methodDescription == "ternary weights, scaled, signs")
    #expect(experiment.lanes[6].network.options[.weightBits] == .number(3))
    #expect(experiment.lanes[6].network.options[.activationBits] == .number(4))
    #expect(experiment.lanes[6].methodDescription == "DoReFa, 3-bit weights, 4-bit activations")
    #expect(experiment.lanes[6].value(of: .clipValue) == nil)
    #expect(experiment.lanes[6].network.activation == .quantized)
    #expect(experiment.lanes[7].network.options[.weightBits] == .number(1))
    #expect(experiment.lanes[9].network.keepsFirstFloat == true && experiment.lanes[9].network.lastHasEightBits == true)
    #expect(experiment.lanes[10].network.form.scalesInputs)
    #expect(experiment.lanes[10].methodDescription == "XNOR-Net, scaled inputs")
    #expect(experiment.lanes[8].value(of: .activations) == .word("stochastic"))
    #expect(experiment.lanes[8].methodDescription == "BNN, stochastic weights, stochastic activations")
    #expect(experiment.lanes[1].value(of: .activations) == .word("deterministic"))
    #expect(experiment.lanes[0].value(of: .activations) == nil)
    #expect(experiment.lanes[5].network.options[.ternaryThreshold] == .word("mean"))
    #expect(experiment.lanes[5].value(of: .clipValue) == .number(1))
    #expect(experiment.lanes[5].methodDescription == "ternary weights")
    #expect(
      experiment.lanes.map { $0.method != .ternary && $0.network.options.has(.weightScale, "mean") }
        == [false, true] + Array(repeating: false, count: 9))
    #expect(experiment.lanes[1].methodDescription == "BNN, scaled weights")
    #expect(experiment.lanes[1].value(of: .binarization) == nil)
    #expect(experiment.lanes[2].value(of: .binarization) == .word("deterministic"))
    #expect(try resolve(ExperimentWriter().text(of: experiment)) == experiment)
  }

  @Test(arguments: NetworkLibrary.names)
  func everyNetworkFitsItsUsualImages(name: String) throws {
    let layers = try NetworkLibrary.layers(named: name)
    for isBinary in [false, true] {
      let plan = NetworkPlan(
        layers: layers, method: isBinary ? .bnn : .baseline,
        batchNormalization: .init(epsilon: 1e-4, momentum: 0.9))
      let layout = try NetworkLayout(plan, input: NetworkLibrary.defaultInput(of: name), classes: 10)
      #expect(layout.items.last?.output.features == 10)
      #expect(Set(layout.items.map(\.name)).count == layout.items.count)
    }
  }

  @Test func aNetworkIsAListOfLayers() throws {
    let experiment = try resolve(
      """
      normalization: channels
      augmentation: {crop: 2, flip: true}
      defaults:
        hidden: [7]
        network:
          - convolution: {filters: 8, kernel: 5, stride: 2, border: valid, binary: false}
          - averagePool: {size: 3, stride: 2, border: same}
          - relu
          - flatten
          - linear: 20
          - activation
          - dropout
          - linear: 10
          - dropout: 0.3
          - linear: {units: classes, binary: false}
      lanes:
        - {name: a, method: bnn, ste: approx}
        - {name: b, method: binaryConnect, optimizer: bop, gamma: 0.5, floatLayers: [first]}
        - {name: c, network: cnv}
      """)
    let layers: [LayerPlan] = [
      .convolution(filters: 8, kernel: 5, stride: 2, border: .valid, isBinary: false),
      .pooling(.average, size: 3, stride: 2, border: .same), .activation(.relu), .flatten,
      .linear(outputs: 20, isBinary: nil), .activation(nil), .dropout, .linear(outputs: 10, isBinary: nil),
      .dropout(rate: 0.3), .linear(outputs: nil, isBinary: false),
    ]
    #expect(try resolve(ExperimentWriter().text(of: experiment)) == experiment)
    #expect(experiment.lanes[0].network.layers == layers)
    #expect(experiment.lanes[0].network.ste == .approx)
    #expect(experiment.lanes[0].value(of: .steWindow) == nil)
    #expect(experiment.lanes[1].value(of: .gamma) == .number(0.5))
    #expect(experiment.lanes[1].value(of: .flipThreshold) == .number(1e-8))
    #expect(experiment.lanes[1].value(of: .clipValue) == nil)
    #expect(experiment.lanes[1].network.keepsFirstFloat == true)
    #expect(experiment.lanes[2].network.name == "cnv")
    #expect(experiment.normalization == .channels)
    #expect(experiment.augmentation.crop == 2 && experiment.augmentation.flips && experiment.augmentation.cutout == 0)
  }

  @Test func theQuickPresetsDifferInTheirDataAlone() throws {
    let plain = try ["mnist", "fashion", "digits"].map { data in
      let experiment = try PresetLibrary.experiment(named: "\(data)-quick")
      return experiment.lanes
    }
    #expect(plain[0] == plain[1])
    #expect(plain[0] == plain[2])
  }

  @Test func anUnknownPresetNamesTheOthers() {
    #expect(message { _ = try PresetLibrary.text(of: "minst") }.contains("mnist-quick"))
  }

  @Test func aLaneStandsOverTheDefaults() throws {
    let experiment = try resolve(
      """
      defaults: {hidden: [8, 4], learningRate: 0.5, optimizer: sgd}
      lanes:
        - {name: a, method: baseline}
        - {name: b, method: bnn, learningRate: 1e-3, optimizer: adam}
      """)
    #expect(experiment.lanes[0].network.hidden == [8, 4])
    #expect(experiment.lanes[0].value(of: .learningRate) == .number(0.5))
    #expect(experiment.lanes[1].value(of: .learningRate) == .number(0.001))
    #expect(experiment.lanes[1].optimizer.kind == .adam)
    #expect(experiment.lanes[1].method == .bnn)
  }

  @Test func settingsStandOverTheLane() throws {
    let yaml = "lanes: [{name: a, learningRate: 0.1}, {name: b, method: binaryConnect}]"
    let experiment = try resolve(
      yaml, settings: ["learningRate=0.2", "b.clipValue=0.5", "a.hidden=[3, 2]", "validation=9"], epochs: 7)
    #expect(experiment.validationCount == 9)
    #expect(experiment.lanes.map { $0.value(of: .learningRate) } == [.number(0.2), .number(0.2)])
    #expect(experiment.lanes[1].value(of: .clipValue) == .number(0.5))
    #expect(experiment.lanes[0].network.hidden == [3, 2])
    #expect(experiment.lanes.map(\.epochs) == [7, 7])
  }

  @Test(arguments: [
    ("lanes: [{name: a, dropout: 1}]", ":1: lanes[0].dropout: expected a number from 0 to 0.95, found “1”"),
    ("lanes: [{name: a, droput: 0.5}]", "unknown key “lanes[0].droput”"),
    ("lanes: []", "lanes: expected a list of at least one lane"),
    ("name: x", "lanes: expected a list of at least one lane, found nothing"),
    ("lanes: [{name: a}, {name: a}]", "lanes[1].name: expected a unique name"),
    ("lanes: [{method: bnn}]", "lanes[0].name: expected a name"),
    (
      "lanes: [{name: a, method: bin}]",
      "lanes[0].method: expected baseline or binaryConnect or bnn or xnorNet or ternary or doReFa or reCU, found “bin”"
    ),
    ("lanes: [{name: a, hidden: 5}]", "lanes[0].hidden: expected a list of whole numbers"),
    ("lanes: [{name: a, epochs: 1.5}]", "lanes[0].epochs: expected a whole number from 1 to 100000"),
    ("seed: -1\nlanes: [{name: a}]", ":1: seed: expected a whole number from 0"),
    ("defaults: {learnRate: 1}\nlanes: [{name: a}]", ":1: unknown key “defaults.learnRate”"),
    ("lanes: [{name: a}", "malformed YAML"),
    ("", "expected an experiment, found nothing"),
    ("- 1", "expected keys with values, found a list"),
    ("inputRange: [1, 0]\nlanes: [{name: a}]", "inputRange: expected [lower, upper]"),
    ("inputRange: [0, inf]\nlanes: [{name: a}]", "inputRange: expected a list of 2 numbers"),
    (
      "lanes: [{name: a, momentum: 0.9}]", "lanes[0].momentum: expected no such key: a lane with float weights and adam"
    ),
    ("lanes: [{name: \"a\\e[2J\"}]", "lanes[0].name: expected a name of letters"),
    ("lanes: [{name: a.b}]", "lanes[0].name: expected a name of letters"),
    ("lanes: [{name: a, network: lenet-6}]", "lanes[0].network: expected a list of layers, or one of lenet-5"),
    ("lanes: [{name: a, network: cnv, hidden: [3]}]", "lanes[0].hidden: expected no such key: it has a network"),
    (
      "lanes: [{name: a, batchNormalization: false, outputNormalization: true}]",
      "lanes[0].outputNormalization: expected no such key: batchNormalization is false"
    ),
    ("lanes: [{name: a, network: [flat]}]", ":1: lanes[0].network[0]: expected a layer (convolution, linear"),
    (
      "lanes: [{name: a, network: [{convolution: 0}]}]",
      "network[0].convolution.filters: expected a whole number from 1"
    ),
    ("lanes: [{name: a, network: [{maxPool: {sise: 2, size: 2}}]}]", "unknown key “lanes[0].network[0].maxPool.sise”"),
    ("lanes: [{name: a, network: [{linear: all}]}]", "network[0].linear.units: expected a whole number"),
    ("lanes: [{name: a, method: xnorNet, optimizer: bop}]", "lanes[0].optimizer: expected Bop for binary weights"),
    ("lanes: [{name: a, floatLayers: [first]}]", "all layers of a baseline are float"),
    ("lanes: [{name: a, method: bnn, inputScale: true}]", "inputScale: expected no such key: only xnorNet scales"),
    ("lanes: [{name: a, eightBitLayers: [first]}]", "all layers of a baseline are float"),
    (
      "lanes: [{name: a, method: bnn, floatLayers: [last], eightBitLayers: [first, last]}]",
      "lanes[0].eightBitLayers: expected layers that are not in floatLayers"
    ),
    (
      "lanes: [{name: a, method: bnn, floatLayers: [second]}]",
      "lanes[0].floatLayers: expected a list of first and last"
    ),
    ("lanes: [{name: a, method: xnorNet, weightScale: mean}]", "lanes[0].weightScale: expected no such key: only"),
    (
      "lanes: [{name: a, method: bnn, optimizer: bop, weightScale: mean}]",
      "weightScale: expected no such key: Bop has no latent weights"
    ),
    ("lanes: [{name: a, method: bnn, weightScale: max}]", "lanes[0].weightScale: expected none or mean, found “max”"),
    (
      "lanes: [{name: a, method: bnn, weightScale: mean, binarization: stochastic}]",
      "binarization: expected no such key: a lane with BNN, scaled weights"
    ),
    ("lanes: [{name: a, method: bnn, ternaryThreshold: mean}]", "ternaryThreshold: expected no such key: only ternary"),
    ("lanes: [{name: a, method: bnn, activation: relu}]", "lanes[0].activation: expected no such key: the method has"),
    (
      "lanes: [{name: a, method: ternary, ternaryThreshold: 1}]",
      "lanes[0].ternaryThreshold: expected mean, or a number from 0 to less than clipValue, found “1”"
    ),
    (
      "lanes: [{name: a, method: bnn, network: [{linear: 8}, rsign, {linear: classes}], activations: stochastic}]",
      "lanes[0].activations: expected no such key"
    ),
    (
      "lanes: [{name: a, method: ternary, activation: sign, network: [{linear: 8}, relu, {linear: classes}]}]",
      "lanes[0].activation: expected no such key: its network names every activation explicitly"
    ),
    ("lanes: [{name: a, method: ternary, ternaryThreshold: nan}]", "ternaryThreshold: expected mean"),
    ("lanes: [{name: a, method: ternary, activation: tanh}]", "activation: expected relu or sign, found “tanh”"),
    ("lanes: [{name: a, method: ternary, ste: approx}]", "lanes[0].ste: expected no such key"),
    ("lanes: [{name: a, method: ternary, optimizer: bop}]", "lanes[0].optimizer: expected Bop for binary weights"),
    ("lanes: [{name: a, method: bnn, weightBits: 2}]", "lanes[0].weightBits: expected no such key: only doReFa"),
    ("lanes: [{name: a, activationBits: 2}]", "lanes[0].activationBits: expected no such key: only doReFa"),
    ("lanes: [{name: a, method: doReFa, weightBits: 9}]", "weightBits: expected a whole number from 1 to 8, found “9”"),
    ("lanes: [{name: a, method: doReFa, activationBits: 0}]", "activationBits: expected a whole number from 1 to 8"),
    (
      "lanes: [{name: a, method: doReFa, clipValue: 0.5}]", "clipValue: expected no such key: a lane with DoReFa, 1-bit"
    ),
    ("lanes: [{name: a, method: doReFa, weightScale: mean}]", "lanes[0].weightScale: expected no such key"),
    ("lanes: [{name: a, method: doReFa, binarization: stochastic}]", "binarization: expected no such key"),
    ("lanes: [{name: a, method: binaryConnect, activations: stochastic}]", "activations: expected no such key"),
    ("lanes: [{name: a, method: bnn, activations: no}]", "activations: expected deterministic or stochastic"),
    ("lanes: [{name: a, ste: approx}]", "lanes[0].ste: expected no such key"),
    ("lanes: [{name: a, gamma: 0.1}]", "lanes[0].gamma: expected no such key"),
    ("normalization: channels\ninputRange: [0, 1]\nlanes: [{name: a}]", "inputRange: expected no such key beside"),
    ("augmentation: {crop: -1}\nlanes: [{name: a}]", "augmentation.crop: expected a whole number from 0 to 64"),
    (
      "augmentation: {rotate: 181}\nlanes: [{name: a}]",
      "augmentation.rotate: expected a number from 0 to 180, found “181”"
    ),
    ("augmentation: {shift: x}\nlanes: [{name: a}]", "augmentation.shift: expected a number from 0 to 256, found “x”"),
    ("normalization: pca\nlanes: [{name: a}]", "expected range or channels or gcn or zca, found “pca”"),
    (
      "normalization: zca\ninputRange: [0, 1]\nlanes: [{name: a}]",
      "inputRange: expected no such key beside “normalization: zca”"
    ),
  ])
  func aWrongExperimentIsToldWithItsPlace(yaml: String, expected: String) {
    let found = message { _ = try resolve(yaml) }
    #expect(found.contains(expected), "found: \(found)")
  }

  @Test(arguments: [
    ("nokey", "expected lane.key=value"), ("x.epochs=3", "expected a lane of a, found “x”"),
    ("a.epoch=3", "unknown key “epoch”"), ("a.name=b", "expected a key that can be changed"),
    ("a.clipValue=1", "expected no such key"), ("momentum=0.5", "expected a key that at least one lane has"),
    ("a.epochs=many", "--set a.epochs=many"), ("=3", "expected lane.key=value"),
    ("a.validation=9", "--set a.validation=9: expected validation=VALUE: it applies to all lanes"),
    ("foo=1", "--set foo=1: unknown key “foo”"), ("hidden=[0]", "from 1 to 65536, found [0]"),
  ])
  func aWrongSettingIsTold(setting: String, expected: String) {
    let found = message { _ = try resolve("lanes: [{name: a}]", settings: [setting]) }
    #expect(found.contains(expected), "found: \(found)")
  }

  @Test func theDefaultPresetIsThatOfTheDataFound() throws {
    let resolver = ExperimentResolver(environment: ["SIGNFLIP_DATA": "/nowhere"])
    let catalog = resolver.catalog()
    #expect(catalog.presets.count == PresetLibrary.names.count)
    let first = try #require(catalog.presets.first)
    let resolution = try resolver.resolve(ExperimentRequest(source: .preset(nil)))
    #expect(resolution.experiment.name == first.name)
    #expect(resolution.experiment.name == PresetLibrary.quickPreset(dataset: resolution.dataset))
  }

  private func resolve(_ yaml: String, settings: [String] = [], epochs: Int? = nil) throws -> Experiment {
    let file = FileManager.default.temporaryDirectory.appending(path: "signflip-\(UUID().uuidString).yaml")
    try yaml.write(to: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: file) }
    let request = ExperimentRequest(
      source: .file(file.path), dataset: "digits", epochs: epochs, settings: settings)
    return try ExperimentResolver(environment: [:]).resolve(request).experiment
  }

  private func message(_ work: () throws -> Void) -> String {
    do {
      try work()
      return "no error"
    } catch {
      return "\(error)"
    }
  }
}
