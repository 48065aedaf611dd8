package import EngineProtocol
package import TrainingMetrics

extension RunHistory {
  /// The run's lanes with their branches, changes and results.
  package var lineage: RunLineage { RunLineage(events, lanes: description.lanes) }

  /// All lanes, those that were forked off last.
  package var lanes: [RunDescription.Lane] { lineage.lanes.map(\.description) }

  /// The checkpoints that are there, in the order in which they were written.
  package var checkpoints: [Checkpoint] {
    var there: [Checkpoint] = []
    for event in events.map(\.event) {
      switch event {
      // A checkpoint of the same place takes the other's.
      case .checkpointed(let checkpoint):
        there.removeAll { $0.isSamePlace(as: checkpoint) }
        there.append(checkpoint)
      case .checkpointDeleted(let lane, let branch, let step):
        there.removeAll { ($0.lane, $0.branch, $0.step) == (lane, branch, step) }
      default: break
      }
    }
    return there
  }

  /// The names of all series, by lane, branch, metric and layer.
  package var orderedSeries: [SeriesKey] { ordered(Array(series.keys) + sketches.keys) }

  /// Names of series by lane, branch, metric and layer.
  func ordered(_ keys: some Sequence<SeriesKey>) -> [SeriesKey] {
    let lanes = Dictionary(lanes.enumerated().map { ($1.name, $0) }) { first, _ in first }
    let metrics = Dictionary(uniqueKeysWithValues: Metric.allCases.enumerated().map { ($1, $0) })
    func place(_ key: SeriesKey) -> (Int, String, Int, Int, String) {
      (lanes[key.lane] ?? .max, key.lane, key.branch, metrics[key.key.metric] ?? .max, key.key.layer ?? "")
    }
    return keys.sorted { place($0) < place($1) }
  }

  /// A series as a chart takes it, its older points perhaps summed up; empty where there is none.
  package func curve(of key: SeriesKey) -> MetricSeries { sketches[key] ?? MetricSeries(series[key] ?? []) }

  /// When each point of a series was recorded, in seconds since 1970; where that is not known, the time before it.
  package func wallTimes(of key: SeriesKey) -> [Double] {
    (times[BranchKey(lane: key.lane, branch: key.branch)] ?? [])
      .wallTimes(of: series[key] ?? [], start: description.startedAt)
  }

  /// The newest result of each lane that has ended and not gone on since.
  package var results: [String: LaneResult] {
    Dictionary(lineage.lanes.compactMap { lane in lane.result.map { ($0.lane, $0) } }) { first, _ in first }
  }
}
