package import EngineProtocol

/// The lanes and branches of a recorded run, what each lane came to, and what was changed on the way to each branch: read
/// from the run's events.
package struct RunLineage: Sendable {
  /// A lane of the run.
  package struct Lane: Sendable {
    /// The lane.
    package var description: RunDescription.Lane
    /// Its branches.
    package var lineage = LaneLineage()
    /// The changes of hyperparameters in each branch itself, in the order of the journal.
    package var changes: [Int: [JournalEntry]] = [:]
    /// What the lane came to; nil where it has not ended, or goes on since.
    package var result: LaneResult?

    /// The branch that the lane is in.
    package var branch: Int { lineage.newest }

    /// How the branch began; nil for the first.
    package func beginning(of branch: Int) -> LaneBranch? { lineage.beginning(of: branch) }
  }

  /// The lanes as started, then those forked off, in order.
  package private(set) var lanes: [Lane] = []

  /// Reads the events of a run, in order.
  /// - Parameter lanes: the lanes where no event tells that the run has started.
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

  /// The lanes that a resume lets go on: those that were interrupted; where there is none, those that were stopped.
  package var lanesToGoOn: [Lane] {
    let interrupted = lanes.filter { $0.result == nil }
    return interrupted.isEmpty ? lanes.filter { $0.result?.wasStopped == true } : interrupted
  }

  /// Whether the run has the lane and branch of a checkpoint.
  package func has(_ checkpoint: Checkpoint) -> Bool {
    guard let lane = lane(checkpoint.lane) else { return false }
    return checkpoint.branch == 1 || lane.beginning(of: checkpoint.branch) != nil
  }

  /// The lane of the experiment that a lane comes from.
  package func root(of lane: Lane) -> String {
    guard let fork = lane.description.fork, let parent = self.lane(fork.lane) else { return lane.description.name }
    return root(of: parent)
  }

  /// All changes of hyperparameters on the way to the newest state of a lane: those of its ancestors up to where it left
  /// them, then its own, in the order in which the lane makes them.
  package func journal(of lane: Lane) -> [JournalEntry] { journal(of: lane, branch: lane.branch) }

  private func journal(of lane: Lane, branch number: Int) -> [JournalEntry] {
    // By their steps: after a resume a lane comes once more to steps before those of the journal's end, and may be changed
    // there.
    let own = (lane.changes[number] ?? []).enumerated()
      .sorted { ($0.element.step, $0.offset) < ($1.element.step, $1.offset) }.map(\.element)
    if let branch = lane.beginning(of: number) {
      return journal(of: lane, branch: branch.parent).prefix(branch.changes) + own
    }
    guard let fork = lane.description.fork, let parent = self.lane(fork.lane) else { return own }
    return journal(of: parent, branch: fork.branch).prefix(fork.changes) + own
  }

  /// The checkpoints that a lane can go on from, the best first: those of its branch, then those of its ancestors up to
  /// where it left them.
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
