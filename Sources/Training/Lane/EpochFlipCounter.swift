import Tensors
import TrainingMetrics

/// Counts the flips between the ends of two epochs, and how many of them last.
struct EpochFlipCounter {
  private var former: (step: Int, values: [String: [Int8]], totals: [String: Int])?

  /// Returns the flips of each layer since the last call; nothing at the first.
  mutating func count(
    _ layers: [(name: String, weights: Parameter)], step: Int
  ) -> [String: LayerDiagnostics.EpochFlips] {
    var (values, totals): ([String: [Int8]], [String: Int]) = ([:], [:])
    var flips: [String: LayerDiagnostics.EpochFlips] = [:]
    for (name, weights) in layers {
      let newest = (weights.binarizedValues ?? []).map { Int8($0) }
      (values[name], totals[name]) = (newest, weights.totalFlips)
      guard let former, let old = former.values[name], let total = former.totals[name] else { continue }
      let changed = zip(newest, old).reduce(0) { $0 + ($1.0 == $1.1 ? 0 : 1) }
      flips[name] = .init(updates: step - former.step, flips: weights.totalFlips - total, changed: changed)
    }
    former = (step, values, totals)
    return flips
  }
}
