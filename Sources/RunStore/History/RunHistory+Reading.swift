package import EngineProtocol
import TrainingMetrics

extension RunHistory {
  /// All lanes, those that were forked off last.
  package var lanes: [RunDescription.Lane] { LaneRoster(events).lanes }

  /// The checkpoints that are there, in the order in which they were written.
  package var checkpoints: [Checkpoint] {
    var there: [Checkpoint] = []
    for event in events.map(\.event) {
      switch event {
      // A checkpoint of the same place takes the other's.
      case .checkpointed(let checkpoint):
        there.removeAll { ($0.lane, $0.branch, $0.step) == (checkpoint.lane, checkpoint.branch, checkpoint.step) }
        there.append(checkpoint)
      case .checkpointDeleted(let lane, let branch, let step):
        there.removeAll { ($0.lane, $0.branch, $0.step) == (lane, branch, step) }
      default: break
      }
    }
    return there
  }

  /// The branches that rewinds have begun, in order; the first branch of a lane is not among them.
  package var branches: [LaneBranch] { LaneRoster(events).branches }

  /// The names of all series, by lane, branch, metric and layer.
  package var orderedSeries: [SeriesKey] {
    let lanes = Dictionary(lanes.enumerated().map { ($1.name, $0) }) { first, _ in first }
    let metrics = Dictionary(uniqueKeysWithValues: Metric.allCases.enumerated().map { ($1, $0) })
    func place(_ key: SeriesKey) -> (Int, String, Int, Int, String) {
      (lanes[key.lane] ?? .max, key.lane, key.branch, metrics[key.key.metric] ?? .max, key.key.layer ?? "")
    }
    return (Array(series.keys) + sketches.keys).sorted { place($0) < place($1) }
  }

  /// When each point of a series was recorded, in seconds since 1970; where that is not known, the time before it.
  package func wallTimes(of key: SeriesKey) -> [Double] {
    let times = times[BranchKey(lane: key.lane, branch: key.branch)] ?? []
    var (next, time) = (0, times.first?.time ?? description.startedAt)
    return (series[key] ?? []).map { point in
      while next < times.count, times[next].step <= point.step {
        time = times[next].time
        next += 1
      }
      return time
    }
  }

  /// The newest result of each lane that has ended and not gone on since.
  package var results: [String: LaneResult] {
    var results: [String: LaneResult] = [:]
    for event in events.map(\.event) {
      switch event {
      case .laneEnded(let result): results[result.lane] = result
      case .branched(let branch): results[branch.lane] = nil
      default: break
      }
    }
    return results
  }
}
