import EngineProtocol

/// The lanes and branches that a run's events tell of.
struct LaneRoster {
  /// The lanes as started, then those forked off, in order.
  private(set) var lanes: [RunDescription.Lane] = []
  /// The branches that rewinds have begun, in order.
  private(set) var branches: [LaneBranch] = []

  /// Reads the lanes off events in order.
  init(_ events: [RecordedEvent]) {
    for event in events.map(\.event) {
      switch event {
      case .started(let run): (lanes, branches) = (run.lanes, [])
      case .laneAdded(let lane): lanes.append(lane)
      case .branched(let branch): branches.append(branch)
      default: break
      }
    }
  }

  /// The branch of a lane with this number; nil for the first one.
  func branch(_ number: Int, of lane: String) -> LaneBranch? {
    branches.first { $0.lane == lane && $0.number == number }
  }
}
