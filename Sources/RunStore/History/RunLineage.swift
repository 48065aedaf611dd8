package import EngineProtocol

/// The lanes and branches of a recorded run, with their results and the changes leading to each branch, derived from
/// the run's events.
package struct RunLineage: Sendable {
  /// A lane of the run.
  package struct Lane: Sendable {
    /// The lane's description.
    package var description: RunDescription.Lane
    /// Its branches.
    package var lineage = LaneLineage()
    /// The hyperparameter changes made in each branch, in journal order.
    package var changes: [Int: [JournalEntry]] = [:]
    /// The lane's result; nil if it has not ended, or was continued.
    package var result: LaneResult?

    /// The lane's current branch.
    package var branch: Int { lineage.newest }

    /// Returns where the branch starts; nil for the first one.
    package func beginning(of branch: Int) -> LaneBranch? { lineage.beginning(of: branch) }
  }

  /// The lanes in the order in which they started, then the forked ones.
  package private(set) var lanes: [Lane] = []

  /// Derives the lineage from the events of a run, in order.
  /// - Parameter lanes: the lanes to use if no event says that the run has started.
  package init(_ events: [RecordedEvent], lanes: [RunDescription.Lane] = []) {
    self.lanes = lanes.map { Lane(description: $0) }
    for event in events.map(\.event) {
      switch event {
      case .started(let run): self.lanes = run.lanes.map { Lane(description: $0) }
      case .laneAdded(let lane): self.lanes.append(Lane(description: lane))
      case .branched(let branch):
        change(branch.lane) {
          $0.lineage.append(branch)
          $0.result = nil
        }
      case .applied(_, let entry):
        guard case .set = entry.change else { continue }
        change(entry.lane) { $0.changes[entry.branch, default: []].append(entry) }
      case .laneEnded(let result): change(result.lane) { $0.result = result }
      default: break
      }
    }
  }

  /// The lane of this name.
  package func lane(_ name: String) -> Lane? { lanes.first { $0.description.name == name } }

  /// The lanes that a resume continues: those that were interrupted; if there are none, those that were stopped.
  package var lanesToGoOn: [Lane] {
    let interrupted = lanes.filter { $0.result == nil }
    return interrupted.isEmpty ? lanes.filter { $0.result?.wasStopped == true } : interrupted
  }

  /// Returns whether the run has the lane and branch of a checkpoint.
  package func has(_ checkpoint: Checkpoint) -> Bool {
    guard let lane = lane(checkpoint.lane) else { return false }
    return checkpoint.branch == 1 || lane.beginning(of: checkpoint.branch) != nil
  }

  /// Returns the lane of the experiment that a lane descends from.
  package func root(of lane: Lane) -> String {
    guard let fork = lane.description.fork, let parent = self.lane(fork.lane) else { return lane.description.name }
    return root(of: parent)
  }

  /// Returns all hyperparameter changes that lead to the newest state of a lane: those of its ancestors up to where it
  /// branched off, then its own, in the order in which the lane makes them.
  package func journal(of lane: Lane) -> [JournalEntry] { journal(of: lane, branch: lane.branch) }

  private func journal(of lane: Lane, branch number: Int) -> [JournalEntry] {
    // Sorted by step: after a resume a lane passes steps before the journal's end again, and may be changed there.
    let own = (lane.changes[number] ?? []).enumerated()
      .sorted { ($0.element.step, $0.offset) < ($1.element.step, $1.offset) }.map(\.element)
    if let branch = lane.beginning(of: number) {
      return journal(of: lane, branch: branch.parent).prefix(branch.changes) + own
    }
    guard let fork = lane.description.fork, let parent = self.lane(fork.lane) else { return own }
    return journal(of: parent, branch: fork.branch).prefix(fork.changes) + own
  }

  /// Returns the checkpoints from which a lane can continue, best first: those of its branch, then those of its
  /// ancestors up to where it branched off.
  package func checkpoints(of lane: Lane, among all: [Checkpoint]) -> [Checkpoint] {
    var found: [Checkpoint] = []
    var (name, number, limit) = (lane.description.name, lane.branch, Int.max)
    while let current = self.lane(name) {
      for stretch in current.lineage.course(to: number) {
        let last = min(limit, stretch.last)
        let here = all.filter { $0.lane == name && $0.branch == stretch.branch && $0.step <= last }
        found += here.sorted { $0.step > $1.step }
      }
      guard let fork = current.description.fork else { break }
      (name, number, limit) = (fork.lane, fork.branch, min(limit, fork.step))
    }
    return found
  }

  private mutating func change(_ name: String, _ change: (inout Lane) -> Void) {
    guard let index = lanes.firstIndex(where: { $0.description.name == name }) else { return }
    change(&lanes[index])
  }
}
