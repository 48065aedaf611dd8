import NeuralNetworks
import Tensors

// The keys that say what a method makes of its weights and activations.

extension LaneReader {
  /// Reads them into a plan that has its method and optimizer; a default that the lane does not have is passed over.
  /// - Throws: `ExperimentError`.
  func readQuantizers(_ lane: YAMLSection, into plan: inout LanePlan) throws {
    let scale: LanePlan.WeightScale = try lane.choice("weightScale") ?? .none
    plan.network.scalesWeights = plan.canScaleWeights && scale == .mean
  }

  /// Which of these keys have no effect in a lane, and why.
  func quantizerKeysWithoutEffect(_ plan: LanePlan) -> [(key: String, reason: String)] {
    var missing: [(key: String, reason: String)] = []
    if !plan.canScaleWeights {
      missing.append(
        ("weightScale", "only binary weights of binaryConnect and bnn may be scaled, and none that Bop learns"))
    }
    return missing
  }
}
