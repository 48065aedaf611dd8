package import EngineProtocol

/// Determines which checkpoints may be deleted, to limit a run's size on disk.
///
/// For each lane, the newest two, the best one of the newest branch, and all `start`, `fork` and `end` checkpoints are
/// kept. Of the others, the oldest `periodic`, `best` and `stop` are deleted first, then the oldest `change` and
/// `asked`, until the lane is within both limits.
package struct RetentionRule: Hashable, Sendable {
  /// The maximum number of checkpoints per lane.
  package var maximumCount: Int
  /// The maximum size of a lane's checkpoints in bytes.
  package var maximumBytes: Int

  /// A rule with these limits per lane.
  package init(maximumCount: Int = 8, maximumBytes: Int = 512 << 20) {
    self.maximumCount = maximumCount
    self.maximumBytes = maximumBytes
  }

  /// Returns the checkpoints to delete; those of one lane are in the order in which they should be deleted.
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
