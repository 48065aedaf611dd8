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
    plan.network.quantization = .ternary(.fixed(0.05), isScaled: false)
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

  // Plans of before these keys were.
  @Test func aPlanWithoutQuantizersStillDecodes() throws {
    var fields = try #require(
      try JSONSerialization.jsonObject(with: JSONEncoder().encode(lane)) as? [String: Any])
    var network = try #require(fields["network"] as? [String: Any])
    for key in ["quantization", "activationBits", "scalesWeights"] { network[key] = nil }
    (fields["network"], fields["activations"]) = (network, nil)
    let decoded = try JSONDecoder().decode(LanePlan.self, from: JSONSerialization.data(withJSONObject: fields))
    #expect(decoded.methodDescription == lane.methodDescription)
    #expect(decoded.settings() == lane.settings())
  }
}
