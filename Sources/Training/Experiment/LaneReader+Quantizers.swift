import NeuralNetworks
import Tensors

// The keys that say what a method makes of its weights and activations.

extension LaneReader {
  /// Reads them into a plan that has its method and optimizer; a default that the lane does not have is passed over.
  /// - Throws: `ExperimentError`.
  func readQuantizers(_ lane: YAMLSection, into plan: inout LanePlan) throws {
    let scale: LanePlan.WeightScale = try lane.choice("weightScale") ?? .none
    let threshold = try threshold(lane, clipValue: plan.method == .ternary ? plan.optimizer.clipValue : .infinity)
    let activation: LanePlan.TernaryActivation = try lane.choice("activation") ?? .relu
    let weightBits = try lane.integer("weightBits", in: 1...8) ?? 1
    let activationBits = try lane.integer("activationBits", in: 1...8) ?? NetworkPlan.defaultActivationBits
    let activations: LanePlan.Binarization = try lane.choice("activations") ?? .deterministic
    let hasOwnActivation = plan.network.hasOwnActivation
    plan.network.quantization = plan.method.usualQuantization
    switch plan.method {
    case .baseline, .xnorNet: break
    case .binaryConnect, .bnn: plan.network.scalesWeights = plan.canScaleWeights && scale == .mean
    case .doReFa:
      plan.network.quantization = .doReFa(bits: weightBits)
      // A network whose layers all say what they are has none: a default for all lanes is passed over.
      plan.network.activationBits = hasOwnActivation ? activationBits : NetworkPlan.defaultActivationBits
    case .ternary:
      plan.network.quantization = .ternary(threshold, isScaled: scale == .mean)
      plan.network.activation = hasOwnActivation && activation == .sign ? .sign : .relu
    }
    if plan.network.hasDrawableSigns, activations == .stochastic { plan.activations = .stochastic }
  }

  // 0.7 times the weights' mean size, or a number.
  private func threshold(_ lane: YAMLSection, clipValue: Float) throws -> WeightQuantization.Threshold {
    guard let word = try lane.string("ternaryThreshold"), word != "mean" else { return .meanSize }
    guard let number = Float(word), number >= 0, number < clipValue else {
      throw lane.wrong("ternaryThreshold", expected: "mean, or a number from 0 up to the clip of latent weights")
    }
    return .fixed(number)
  }

  /// Which of these keys have no effect in a lane, and why.
  func quantizerKeysWithoutEffect(_ plan: LanePlan) -> [(key: String, reason: String)] {
    var missing: [(key: String, reason: String)] = []
    if !plan.canScaleWeights {
      missing.append(
        ("weightScale", "only weights of binaryConnect, bnn and ternary may be scaled, and none that Bop learns"))
    }
    if plan.method != .ternary {
      missing.append(("ternaryThreshold", "only ternary weights have one"))
      missing.append(("activation", "the method has its own; only that of ternary weights is chosen"))
    }
    if !plan.network.hasOwnActivation {
      missing += ["activation", "activationBits"].map { ($0, "each activation of its network says what it is") }
    }
    if plan.method != .doReFa {
      missing += ["weightBits", "activationBits"].map { ($0, "only doReFa has bits to choose") }
    }
    return missing
  }
}
