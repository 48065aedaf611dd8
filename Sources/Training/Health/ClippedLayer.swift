import EngineProtocol
import NeuralNetworks
import TrainingMetrics

/// More than 90 % of a layer's latent weights are at their clip.
struct ClippedLayer: HealthRule {
  static let name = HealthFinding.Rule.clippedLayer

  mutating func see(_ epoch: HealthEpoch) -> HealthSymptom? {
    guard let (layer, share) = epoch.worst(above: 0.9, \.weights?.clippedShare) else { return nil }
    let clip = Double(epoch.plan.optimizer.clipValue)
    return HealthSymptom(
      layer: layer.name, since: epoch.start, figures: [.init("clippedShare", share), .init("clipValue", clip)],
      what: "\(NumberFormat.percent(share)) of the latent weights are at ±\(NumberFormat.significant(clip, digits: 3))",
      why: "latent weights at the clip forget small updates, and a large update flips many signs at once",
      suggestions: [
        HyperparameterSetting(.clipValue, clip < 1 ? .number(1) : .twoDigits(2 * clip))
      ] + epoch.plan.learning(faster: 0.1, atEpoch: Double(epoch.epoch)))
  }
}
