import EngineProtocol
import RunStore

/// Which lanes and branches a recorded run has, and what was changed on the way to each: read from its events.
struct RunLineage {
  /// A lane of the run.
  struct Lane {
    /// The lane.
    var description: RunDescription.Lane
    /// The branches that rewinds have begun, in order.
    var branches: [LaneBranch] = []
    /// The changes of hyperparameters that each branch has seen itself, in order.
    var changes: [Int: [ScriptedChange]] = [:]
    /// What the lane came to; nil where it has not ended, or goes on since.
    var result: LaneResult?

    /// The branch that the lane is in.
    var branch: Int { branches.last?.number ?? 1 }

    /// How the branch began; nil for the first.
    func beginning(of branch: Int) -> LaneBranch? { branches.first { $0.number == branch } }
  }

  /// The lanes, in the order in which they came to be.
  private(set) var lanes: [Lane] = []

  /// Reads the events of a run.
  init(_ events: [RecordedEvent]) {
    for event in events.map(\.event) {
      switch event {
      case .started(let run): lanes = run.lanes.map { Lane(description: $0) }
      case .laneAdded(let lane): lanes.append(Lane(description: lane))
      case .branched(let branch):
        change(branch.lane) {
          $0.branches.append(branch)
          $0.result = nil
        }
      case .applied(_, let entry):
        guard case .set(let hyperparameter, _, let value) = entry.change else { continue }
        change(entry.lane) {
          $0.changes[entry.branch, default: []].append(
            ScriptedChange(
              step: entry.step, action: .set(hyperparameter, value), isJournaled: true, origin: entry.origin,
              scriptIndex: entry.scriptIndex))
        }
      case .laneEnded(let result): change(result.lane) { $0.result = result }
      default: break
      }
    }
  }

  /// The lane of this name.
  func lane(_ name: String) -> Lane? { lanes.first { $0.description.name == name } }

  /// All changes on the way to the newest state of a lane: those of its ancestors up to where it went off, then its own.
  func changes(of lane: Lane) -> [ScriptedChange] { changes(of: lane, branch: lane.branch) }

  /// The lanes that a resume lets go on: those that were interrupted; where there is none, those that were stopped.
  var lanesToGoOn: [Lane] {
    let interrupted = lanes.filter { $0.result == nil }
    return interrupted.isEmpty ? lanes.filter { $0.result?.wasStopped == true } : interrupted
  }

  /// Whether the run has this branch of this lane.
  func has(_ checkpoint: Checkpoint) -> Bool {
    guard let lane = lane(checkpoint.lane) else { return false }
    return checkpoint.branch == 1 || lane.beginning(of: checkpoint.branch) != nil
  }

  /// The lane of the experiment that a lane comes from.
  func root(of lane: Lane) -> String {
    guard let fork = lane.description.fork, let parent = self.lane(fork.lane) else { return lane.description.name }
    return root(of: parent)
  }

  private func changes(of lane: Lane, branch number: Int) -> [ScriptedChange] {
    // In the order in which the lane makes them: after a resume it comes once more to steps before those of the journal's
    // end, and may be changed there.
    let own = (lane.changes[number] ?? []).inOrderOfSteps()
    if let branch = lane.beginning(of: number) {
      return changes(of: lane, branch: branch.parent).prefix(branch.changes) + own
    }
    guard let fork = lane.description.fork, let parent = self.lane(fork.lane) else { return own }
    return changes(of: parent, branch: fork.branch).prefix(fork.changes) + own
  }

  /// The checkpoints that a lane can go on from, the best first: of its branch, then of those before up to where it went
  /// off.
  func checkpoints(of lane: Lane, among all: [Checkpoint]) -> [Checkpoint] {
    var found: [Checkpoint] = []
    var (name, number, limit) = (lane.description.name, lane.branch, Int.max)
    while let current = self.lane(name) {
      let here = all.filter { $0.lane == name && $0.branch == number && $0.step <= limit }
      found += here.sorted { $0.step > $1.step }
      if let branch = current.beginning(of: number) {
        (number, limit) = (branch.parent, min(limit, branch.step))
      } else if let fork = current.description.fork {
        (name, number, limit) = (fork.lane, fork.branch, min(limit, fork.step))
      } else {
        break
      }
    }
    return found
  }

  private mutating func change(_ name: String, _ change: (inout Lane) -> Void) {
    guard let index = lanes.firstIndex(where: { $0.description.name == name }) else { return }
    change(&lanes[index])
  }
}
