import EngineProtocol
import TrainingMetrics

/// No weight of a layer flips: for at least 20 updates and a whole epoch, while the learning rate is 0 or at least a
/// tenth of the first one, or the layer has never flipped. A schedule's end freezes layers on purpose.
struct FrozenLayer: HealthRule {
  static let name = HealthFinding.Rule.frozenLayer
  static let yieldsTo: Set<HealthFinding.Rule> = [.divergence]

  private static let patience = 20

  private var still: [String: Int] = [:]

  mutating func see(_ epoch: HealthEpoch) -> HealthSymptom? {
    var found: (layer: LayerDiagnostics, since: Int)?
    for layer in epoch.layers {
      guard let flips = layer.weights?.epochFlips, flips.updates > 0 else { continue }
      guard flips.flips == 0 else {
        still[layer.name] = nil
        continue
      }
      let since = still[layer.name] ?? epoch.start
      still[layer.name] = since
      let hasNeverFlipped = layer.weights?.neverFlippedShare == 1
      let isExpected = epoch.rate > 0 && epoch.rate < 0.1 * epoch.firstRate && !hasNeverFlipped
      if found == nil, epoch.step - since >= Self.patience, !isExpected { found = (layer, since) }
    }
    guard let (layer, since) = found else { return nil }
    var (why, suggestions) = epoch.remedy("the binary network of this layer does not change")
    if epoch.rate == 0 { suggestions = [HyperparameterSetting(.learningRate, .number(1e-3))] }
    return HealthSymptom(
      layer: layer.name, since: since,
      figures: [.init("flips", 0), .init("updates", Double(epoch.step - since)), .init("learningRate", epoch.rate)],
      what: "no weight has flipped in \(NumberFormat.grouped(epoch.step - since)) updates",
      why: why, suggestions: suggestions)
  }
}
