package import EngineProtocol

/// Which checkpoints may go, so that what a run takes on the disk stays bounded.
///
/// Of each lane stay the newest two, the best one of its newest branch, and all `start`, `fork` and `end`. Of the others
/// the oldest `periodic`, `best` and `stop` go first, then the oldest `change` and `asked`, until the lane is within both
/// bounds.
package struct RetentionRule: Hashable, Sendable {
  /// The most checkpoints of a lane.
  package var maximumCount: Int
  /// The most that the checkpoints of a lane may take.
  package var maximumBytes: Int

  /// A rule with these bounds for each lane.
  package init(maximumCount: Int = 8, maximumBytes: Int = 512 << 20) {
    self.maximumCount = maximumCount
    self.maximumBytes = maximumBytes
  }

  /// The checkpoints of a run that are to be deleted, of the same lane in the order in which they should be.
  package func superfluous(_ checkpoints: [Checkpoint]) -> [Checkpoint] {
    Dictionary(grouping: checkpoints, by: \.lane).sorted { $0.key < $1.key }.flatMap { superfluous(ofLane: $0.value) }
  }

  private func superfluous(ofLane checkpoints: [Checkpoint]) -> [Checkpoint] {
    let ordered = checkpoints.sorted { ($0.time, $0.branch, $0.step) < ($1.time, $1.branch, $1.step) }
    let newestBranch = ordered.map(\.branch).max()
    let best = ordered.filter { $0.branch == newestBranch && $0.validationAccuracy != nil }
      .max { ($0.validationAccuracy ?? 0, $0.step) < ($1.validationAccuracy ?? 0, $1.step) }
    let kept = Set(ordered.suffix(2)).union([best].compactMap { $0 })
    let free = ordered.filter { !kept.contains($0) }
    let candidates =
      free.filter { [.periodic, .best, .stop].contains($0.reason) }
      + free.filter { [.change, .asked].contains($0.reason) }
    var (count, bytes) = (ordered.count, ordered.reduce(0) { $0 + $1.bytes })
    return Array(
      candidates.prefix { checkpoint in
        guard count > maximumCount || bytes > maximumBytes else { return false }
        count -= 1
        bytes -= checkpoint.bytes
        return true
      })
  }
}
