package import EngineProtocol

/// What is new in a run since it was last written.
package struct RunBatch: Sendable {
  /// Events in order, points included.
  package var events: [EngineEvent]
  /// When the steps of the points were recorded.
  package var times: [BranchKey: [StepTime]]
  /// How the lanes stand.
  package var snapshots: [LaneSnapshot]

  /// What is new.
  package init(events: [EngineEvent] = [], times: [BranchKey: [StepTime]] = [:], snapshots: [LaneSnapshot] = []) {
    self.events = events
    self.times = times
    self.snapshots = snapshots
  }
}
