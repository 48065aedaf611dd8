import EngineProtocol
import TrainingMetrics

/// The same weights of a layer flip to and fro: in two epochs in a row, the mean flip rate of an update exceeds 5 %, and
/// the drift share is below 20 %. The drift share is the number of weights whose sign differs from that an epoch ago, divided
/// by the flips since: 1 if every flip counts.
struct FlipStorm: HealthRule {
  static let name = HealthFinding.Rule.flipStorm

  // Where the storm of a layer began.
  private var since: [String: Int] = [:]

  mutating func see(_ epoch: HealthEpoch) -> HealthSymptom? {
    let former = since
    since = [:]
    var worst: (layer: String, rate: Double, drift: Double)?
    for layer in epoch.layers {
      guard let flips = layer.weights?.epochFlips, flips.updates > 0, let drift = flips.driftShare else { continue }
      let weights = (layer.weightShape ?? []).reduce(1, *)
      let rate = Double(flips.flips) / Double(flips.updates) / Double(max(1, weights))
      guard rate > 0.05, drift < 0.2 else { continue }
      since[layer.name] = former[layer.name] ?? epoch.start
      if former[layer.name] != nil, rate > worst?.rate ?? 0 { worst = (layer.name, rate, drift) }
    }
    guard let worst else { return nil }
    return HealthSymptom(
      layer: worst.layer, since: since[worst.layer] ?? epoch.start,
      figures: [.init("flipRate", worst.rate), .init("driftShare", worst.drift)],
      what: "an update flips \(NumberFormat.percent(worst.rate)) of the weights, and only "
        + "\(NumberFormat.percent(worst.drift)) of the flips last",
      why: "the same weights flip to and fro, so the binary network does not settle",
      suggestions: epoch.plan.learning(faster: 0.1, atEpoch: Double(epoch.epoch)))
  }
}
