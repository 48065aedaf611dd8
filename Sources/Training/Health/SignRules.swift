import EngineProtocol
import NeuralNetworks
import TrainingMetrics

/// Units of a layer give the same sign for every image: more than half of them.
struct DeadUnits: HealthRule {
  static let name = HealthFinding.Rule.deadUnits
  static let yieldsTo: Set<HealthFinding.Rule> = [.normalizationLag]

  mutating func see(_ epoch: HealthEpoch) -> HealthSymptom? {
    guard let (layer, share) = epoch.worst(above: 0.5, \.activations?.deadShare) else { return nil }
    return HealthSymptom(
      layer: layer.name, since: epoch.start,
      figures: [.init("deadShare", share), .init("plusShare", layer.activations?.plusShare ?? 0)],
      what: "\(NumberFormat.percent(share)) of the units give the same sign for nearly every image",
      why: "they tell the next layer nothing",
      suggestions: epoch.plan.widerWindow + epoch.plan.learning(faster: 0.1, atEpoch: Double(epoch.epoch)))
  }
}

/// Hardly any gradient passes the signs of a layer: more than 95 % of the inputs are beyond the estimator's window.
struct ClosedGates: HealthRule {
  static let name = HealthFinding.Rule.closedGates
  static let yieldsTo: Set<HealthFinding.Rule> = [.normalizationLag]

  mutating func see(_ epoch: HealthEpoch) -> HealthSymptom? {
    guard let (layer, share) = epoch.worst(above: 0.95, \.activations?.closedShare) else { return nil }
    let window = Double(epoch.plan.network.steWindow)
    return HealthSymptom(
      layer: layer.name, since: epoch.start, figures: [.init("closedShare", share), .init("steWindow", window)],
      what: "\(NumberFormat.percent(share)) of the gates are closed: the sign's input is beyond the window",
      why: "no gradient passes a closed gate, so the layers before it hardly learn",
      suggestions: epoch.plan.widerWindow)
  }
}

extension LanePlan {
  /// A wider window of the straight-through estimator: 1, or twice the present one.
  fileprivate var widerWindow: [HyperparameterSetting] {
    let window = Double(network.steWindow)
    return [HyperparameterSetting(.steWindow, window < 1 ? .number(1) : .twoDigits(2 * window))]
  }
}
