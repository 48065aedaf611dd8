import EngineProtocol

extension EngineEvent {
  /// The event, which happened at `time`, with other names for the lanes. That one run among several has failed is a
  /// health report.
  func renamingLanes(time: Double, _ name: (String) -> String) -> EngineEvent {
    switch self {
    case .started(var run):
      run.lanes = run.lanes.map { $0.renamed(name) }
      return .started(run)
    case .laneAdded(let lane): return .laneAdded(lane.renamed(name))
    case .branched(var branch):
      branch.lane = name(branch.lane)
      return .branched(branch)
    case .points(let lane, let branch, let key, let points):
      return .points(lane: name(lane), branch: branch, key, points)
    case .sketch(let lane, let branch, let key, let series):
      return .sketch(lane: name(lane), branch: branch, key, series)
    case .epoch(var report):
      report.lane = name(report.lane)
      return .epoch(report)
    case .layers(var report):
      report.lane = name(report.lane)
      return .layers(report)
    case .applied(let command, var entry):
      entry.lane = name(entry.lane)
      if case .forked(let lane) = entry.change { entry.change = .forked(into: name(lane)) }
      return .applied(command, entry)
    case .checkpointed(var checkpoint):
      checkpoint.lane = name(checkpoint.lane)
      return .checkpointed(checkpoint)
    case .checkpointDeleted(let lane, let branch, let step):
      return .checkpointDeleted(lane: name(lane), branch: branch, step: step)
    case .laneEnded(var result):
      result.lane = name(result.lane)
      return .laneEnded(result)
    case .failed(let words, _): return .health(HealthReport(.error, words, time: time))
    case .stretch(let id, var request, let points):
      request.lane = name(request.lane)
      return .stretch(id, request, points)
    case .catalog, .downloadEnded, .refused, .health, .finished, .engineLost: return self
    }
  }
}

extension RunDescription.Lane {
  /// The lane with another name, and its parent with it.
  func renamed(_ name: (String) -> String) -> Self {
    var lane = self
    lane.name = name(lane.name)
    if let fork { lane.fork?.lane = name(fork.lane) }
    return lane
  }
}
