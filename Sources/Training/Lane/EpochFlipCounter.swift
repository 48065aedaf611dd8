import Tensors
import TrainingMetrics

/// Counts the flips between the ends of two epochs, and how many of them last.
struct EpochFlipCounter {
  private var former: (step: Int, values: [String: [Int8]], totals: [String: Int], counts: [String: [UInt16]])?
  // The number of restless weights that are listed.
  private static let listed = 12

  /// Returns the flips of each layer since the last call; nothing at the first.
  mutating func count(
    _ layers: [(name: String, weights: Parameter)], step: Int
  ) -> [String: LayerDiagnostics.EpochFlips] {
    var (values, totals): ([String: [Int8]], [String: Int]) = ([:], [:])
    var counts: [String: [UInt16]] = [:]
    var flips: [String: LayerDiagnostics.EpochFlips] = [:]
    for (name, weights) in layers {
      let newest = (weights.binarizedValues ?? []).map { Int8($0) }
      (values[name], totals[name]) = (newest, weights.totalFlips)
      counts[name] = weights.flipCountValues
      guard let former, let old = former.values[name], let total = former.totals[name] else { continue }
      let changed = zip(newest, old).reduce(0) { $0 + ($1.0 == $1.1 ? 0 : 1) }
      var own = LayerDiagnostics.EpochFlips(
        updates: step - former.step, flips: weights.totalFlips - total, changed: changed)
      if let now = counts[name], let before = former.counts[name] {
        (own.weightsByFlips, own.restless) = Self.frequencies(now, before, columns: weights.value.columns)
      }
      flips[name] = own
    }
    former = (step, values, totals, counts)
    return flips
  }

  // Where a count is saturated, at 65,535 flips, it no longer counts.
  private static func frequencies(
    _ now: [UInt16], _ before: [UInt16], columns: Int
  ) -> (bins: [Int], restless: [LayerDiagnostics.EpochFlips.Restless]) {
    var bins = [Int](repeating: 0, count: LayerDiagnostics.EpochFlips.bin(ofFlips: 65_535) + 1)
    var found: [LayerDiagnostics.EpochFlips.Restless] = []
    for index in 0..<min(now.count, before.count) {
      let flips = Int(now[index]) - Int(before[index])
      bins[LayerDiagnostics.EpochFlips.bin(ofFlips: flips)] += 1
      guard flips > 0, found.count < listed || flips > found[found.count - 1].flips else { continue }
      // Of equal ones the first.
      let place = found.firstIndex { $0.flips < flips } ?? found.count
      found.insert(.init(unit: index / columns, input: index % columns, flips: flips), at: place)
      if found.count > listed { found.removeLast() }
    }
    return (Array(bins.prefix((bins.lastIndex { $0 > 0 } ?? 0) + 1)), found)
  }
}
