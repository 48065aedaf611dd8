package import EngineProtocol
package import TrainingMetrics

/// All that a run's directory tells of it, read at one moment.
package struct RunHistory: Sendable {
  /// The run as it was started, with its name and directory.
  package var description: RunDescription
  /// The machine and program it was trained with: “program”, “processor”, “cores”, “memory”, “system”, “oneDNN”.
  package var environment: [String: String]
  /// All events in order but points, `started` first.
  package var events: [RecordedEvent]
  /// The points of every series, in order.
  package var series: [SeriesKey: [MetricPoint]]
  /// The series with their older points summed up, in place of `series`, where only what charts need was read.
  package var sketches: [SeriesKey: MetricSeries]
  /// When each step of a lane's branch was recorded, in order.
  package var times: [BranchKey: [StepTime]]
  /// How each lane stood when it was last written.
  package var snapshots: [LaneSnapshot]
  /// The checkpoints of which the events tell, and whose file is gone.
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
