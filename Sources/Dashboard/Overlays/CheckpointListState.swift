package import EngineProtocol

/// The list of checkpoints as it is open.
package struct CheckpointListState: Hashable, Sendable {
  /// The lane whose checkpoints are listed; nil for all lanes.
  package let lane: String?
  /// The chosen checkpoint, which stays chosen when newer ones come; nil before there is any.
  package private(set) var chosen: Checkpoint?

  /// A list with a checkpoint chosen, or with the newest.
  package init(lane: String?, chosen: Checkpoint? = nil) {
    self.lane = lane
    self.chosen = chosen
  }

  /// The checkpoints to list, the newest first.
  package func rows(_ lanes: [LaneModel]) -> [Checkpoint] {
    let found = lanes.filter { lane == nil || $0.name == lane }.flatMap(\.checkpoints)
    return found.sorted { ($0.time, $0.step, $0.lane) > ($1.time, $1.step, $1.lane) }
  }

  /// The place of the chosen one in the list; the nearest older one's where it was deleted.
  package func place(in rows: [Checkpoint]) -> Int {
    guard let chosen else { return 0 }
    if let place = rows.firstIndex(where: { $0.isSame(as: chosen) }) { return place }
    return rows.firstIndex { $0.time <= chosen.time } ?? max(0, rows.count - 1)
  }

  /// Chooses the checkpoint `distance` rows on, as far as the list goes.
  package mutating func move(by distance: Int, in rows: [Checkpoint]) {
    guard !rows.isEmpty else { return }
    let distance = min(max(-rows.count, distance), rows.count)
    chosen = rows[min(max(0, place(in: rows) + distance), rows.count - 1)]
  }
}

extension Checkpoint {
  /// Whether it is of the same lane, branch and step.
  func isSame(as other: Checkpoint) -> Bool {
    lane == other.lane && branch == other.branch && step == other.step
  }
}
