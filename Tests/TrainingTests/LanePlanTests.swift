import EngineProtocol
import Foundation
import NeuralNetworks
import Tensors
import Testing
import Training

@Suite struct LanePlanTests {
  private let lane: LanePlan

  init() throws { lane = try #require(try PresetLibrary.experiment(named: "mnist-binaryconnect").lanes.last) }

  @Test func everySettingReadsBack() throws {
    for setting in lane.settings() {
      var plan = lane
      let value: HyperparameterValue =
        switch setting.value {
        case .word: .word("deterministic")
        case .number(let number):
          switch setting.hyperparameter.specification.scale {
          case .integer, .powerOfTwo: .number(64)
          case .linear, .logarithmic, .choice: .number(number == 0 ? 0.25 : number / 2)
          }
        }
      try plan.set(setting.hyperparameter, to: value)
      guard case .number(let expected) = value, case .number(let found)? = plan.value(of: setting.hyperparameter) else {
        #expect(plan.value(of: setting.hyperparameter) == value)
        continue
      }
      #expect(abs(found - expected) <= 1e-6 * abs(expected), "\(setting.hyperparameter)")
    }
  }

  @Test func aCourseGoesOnFromTheRateThatWasSet() throws {
    var plan = lane
    plan.epochs = 10
    try plan.set(.learningRate, to: .number(0.1), atEpoch: 4)
    guard case .number(let now)? = plan.value(of: .learningRate, atEpoch: 4),
      case .number(let end)? = plan.value(of: .learningRate, atEpoch: 10)
    else {
      Issue.record("no learning rate")
      return
    }
    #expect(abs(now - 0.1) < 1e-9)
    #expect(abs(end - plan.schedule.finalRate) < 1e-12)
  }

  @Test func epochsCantEndInThePast() {
    var plan = lane
    #expect(throws: RefusedSetting.self) { try plan.set(.epochs, to: .number(3), atEpoch: 3.5) }
  }

  @Test func ternaryWeightsAreNotClippedToTheirThreshold() throws {
    var plan = lane
    (plan.network.method, plan.network.options) = (.ternary, ["ternaryThreshold": .float(0.05)])
    #expect(throws: RefusedSetting.self) { try plan.set(.clipValue, to: .number(0.05)) }
    try plan.set(.clipValue, to: .number(0.06))
    #expect(plan.optimizer.clipValue == 0.06)
  }

  @Test func signActivationsAreDrawnFromNowOn() throws {
    let presets = try PresetLibrary.experiment(named: "mnist-bnn")
    let bnn = try #require(presets.lanes.first { $0.method == .bnn })
    var plan = bnn
    try plan.set(.activations, to: .word("stochastic"))
    #expect(plan.drawsActivations)
    #expect(plan.value(of: .activations) == .word("stochastic"))
    try plan.set(.activations, to: .word("deterministic"))
    #expect(plan == bnn)
    var connect = lane
    #expect(throws: RefusedSetting.self) { try connect.set(.activations, to: .word("stochastic")) }
  }

  // As written before methods had options.
  @Test(
    "plans of older checkpoints mean what they meant",
    arguments: [
      (
        "binaryConnect", "stochastic", #""activation": "relu", "hasBinaryWeights": true"#,
        ["binarization": .word("stochastic")], "BinaryConnect, stochastic"
      ),
      (
        "bnn", "deterministic", #""activation": "sign", "hasBinaryWeights": true, "scalesWeights": true"#,
        ["weightScale": .word("mean")], "BNN, scaled weights"
      ),
      (
        "xnorNet", "deterministic",
        #""activation": "sign", "hasBinaryWeights": true, "scaledGradient": "paper", "scalesInputs": true"#,
        ["scaleGradient": .word("paper"), "inputScale": .word("true")], "XNOR-Net, scaled inputs"
      ),
      (
        "ternary", "deterministic",
        #""activation": "sign", "quantization": {"ternary": {"_0": {"fixed": {"_0": 0.05}}, "isScaled": true}}"#,
        ["ternaryThreshold": .float(0.05), "weightScale": .word("mean"), "activation": .word("sign")],
        "ternary weights, scaled, signs"
      ),
      (
        "ternary", "deterministic",
        #""activation": "relu", "quantization": {"ternary": {"_0": {"meanSize": {}}, "isScaled": false}}"#,
        [:], "ternary weights"
      ),
      (
        "doReFa", "deterministic",
        #""activation": "quantized", "quantization": {"doReFa": {"bits": 3}}, "activationBits": 4"#,
        ["weightBits": .number(3), "activationBits": .number(4)], "DoReFa, 3-bit weights, 4-bit activations"
      ),
      ("baseline", "deterministic", #""activation": "relu", "hasBinaryWeights": false"#, [:], "float weights"),
    ] as [(String, String, String, MethodOptions, String)])
  func olderPlans(method: String, binarization: String, network: String, options: MethodOptions, words: String) throws {
    func fields(_ data: Data) throws -> [String: Any] {
      try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }
    var plan = try fields(JSONEncoder().encode(lane))
    var inner = try #require(plan["network"] as? [String: Any])
    for key in ["method", "options"] { inner[key] = nil }
    inner.merge(try fields(Data("{\(network)}".utf8))) { _, new in new }
    (plan["network"], plan["method"], plan["binarization"]) = (inner, method, binarization)
    let decoded = try JSONDecoder().decode(LanePlan.self, from: JSONSerialization.data(withJSONObject: plan))
    #expect(decoded.method.name == method)
    #expect(decoded.network.options == options)
    #expect(decoded.methodDescription == words)
    #expect(decoded.schedule == lane.schedule && decoded.optimizer == lane.optimizer)
    // The current form gives the same plan.
    #expect(try JSONDecoder().decode(LanePlan.self, from: JSONEncoder().encode(decoded)) == decoded)
  }
}
