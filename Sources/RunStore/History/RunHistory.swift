package import EngineProtocol
package import TrainingMetrics

/// Everything recorded in a run's directory, read in one transaction.
package struct RunHistory: Sendable {
  /// The run's description, with its name and directory.
  package var description: RunDescription
  /// The machine and the program: “program”, “processor”, “cores”, “memory”, “system”, “oneDNN”.
  package var environment: [String: String]
  /// All events except points, in order, starting with `started`.
  package var events: [RecordedEvent]
  /// The points of every series, in order.
  package var series: [SeriesKey: [MetricPoint]]
  /// The series with older points summarized, in place of `series` if only what charts need was read.
  package var sketches: [SeriesKey: MetricSeries]
  /// When each step of a lane's branch was recorded, in order.
  package var times: [BranchKey: [StepTime]]
  /// The last recorded state of each lane.
  package var snapshots: [LaneSnapshot]
  /// Checkpoints that events mention, but whose file is missing.
  package var lostCheckpoints: [Checkpoint] = []

  /// A history.
  package init(
    description: RunDescription, environment: [String: String] = [:], events: [RecordedEvent] = [],
    series: [SeriesKey: [MetricPoint]] = [:], sketches: [SeriesKey: MetricSeries] = [:],
    times: [BranchKey: [StepTime]] = [:], snapshots: [LaneSnapshot] = []
  ) {
    self.description = description
    self.environment = environment
    self.events = events
    self.series = series
    self.sketches = sketches
    self.times = times
    self.snapshots = snapshots
  }
}

extension RunHistory {
  /// The run's lanes with their branches, changes and results.
  package var lineage: RunLineage { RunLineage(events, lanes: description.lanes) }

  /// All lanes, with forked ones last.
  package var lanes: [RunDescription.Lane] { lineage.lanes.map(\.description) }

  /// The existing checkpoints in the order in which they were written.
  package var checkpoints: [Checkpoint] {
    var there: [Checkpoint] = []
    for event in events.map(\.event) {
      switch event {
      // A checkpoint replaces one of the same lane, branch and step.
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

  /// The names of all series, ordered by lane, branch, metric and layer.
  package var orderedSeries: [SeriesKey] { ordered(Array(series.keys) + sketches.keys) }

  /// Returns names of series ordered by lane, branch, metric and layer.
  func ordered(_ keys: some Sequence<SeriesKey>) -> [SeriesKey] {
    let lanes = Dictionary(lanes.enumerated().map { ($1.name, $0) }) { first, _ in first }
    let metrics = Dictionary(uniqueKeysWithValues: Metric.allCases.enumerated().map { ($1, $0) })
    func place(_ key: SeriesKey) -> (Int, String, Int, Int, String) {
      (lanes[key.lane] ?? .max, key.lane, key.branch, metrics[key.key.metric] ?? .max, key.key.layer ?? "")
    }
    return keys.sorted { place($0) < place($1) }
  }

  /// Returns a series for a chart, possibly with older points summarized; empty if there is none.
  package func curve(of key: SeriesKey) -> MetricSeries { sketches[key] ?? MetricSeries(series[key] ?? []) }

  /// Returns when each point of a series was recorded, in seconds since 1970; if unknown, the time before it.
  package func wallTimes(of key: SeriesKey) -> [Double] {
    (times[BranchKey(lane: key.lane, branch: key.branch)] ?? [])
      .wallTimes(of: series[key] ?? [], start: description.startedAt)
  }

  /// The newest result of each lane that has ended and was not continued.
  package var results: [String: LaneResult] {
    Dictionary(lineage.lanes.compactMap { lane in lane.result.map { ($0.lane, $0) } }) { first, _ in first }
  }
}

/// An event with the time when it was recorded.
package struct RecordedEvent: Hashable, Sendable {
  /// In seconds since 1970.
  package var time: Double
  /// The event; never points.
  package var event: EngineEvent

  /// An event at a time.
  package init(time: Double, _ event: EngineEvent) {
    self.time = time
    self.event = event
  }
}

/// Identifies a branch of a lane.
package struct BranchKey: Hashable, Sendable {
  /// The lane's name.
  package var lane: String
  /// The branch's number.
  package var branch: Int

  /// A branch of a lane.
  package init(lane: String, branch: Int) {
    self.lane = lane
    self.branch = branch
  }
}

/// When the points of a step were recorded.
package struct StepTime: Hashable, Sendable {
  /// Updates done.
  package var step: Int
  /// In seconds since 1970.
  package var time: Double

  /// A time of a step.
  package init(step: Int, time: Double) {
    self.step = step
    self.time = time
  }
}

extension [StepTime] {
  /// Returns when each point was recorded: the time of its step or, if unknown, the time before it.
  /// - Parameter start: the time to use if none is known.
  func wallTimes(of points: [MetricPoint], start: Double) -> [Double] {
    var (next, time) = (0, first?.time ?? start)
    return points.map { point in
      while next < count, self[next].step <= point.step {
        time = self[next].time
        next += 1
      }
      return time
    }
  }
}
