package import EngineProtocol

/// What the engine has told: a run as seen from its events and snapshots.
///
/// A value without clock or terminal: the same events give the same model, so a whole run is replayed in a test.
package struct DashboardModel: Sendable {
  /// What can be trained; nil until the engine has told.
  package private(set) var catalog: Catalog?
  /// What is being trained; nil before the lanes start.
  package private(set) var run: RunDescription?
  /// How the run stands.
  package private(set) var snapshot = Snapshot()
  /// The lanes in the order of their panels.
  package private(set) var lanes: [LaneModel] = []
  /// What has happened, oldest first.
  package private(set) var log: [LogEntry] = []
  /// Why nothing could be started, or why all is lost.
  package private(set) var failure: String?
  /// Whether every lane has ended.
  package private(set) var isFinished = false
  /// Where to ask for events next.
  package private(set) var cursor = EventCursor()

  /// A model that knows nothing yet.
  package init() {}

  /// Takes in events, in order, and how the run stands now.
  package mutating func consume(_ batch: EventBatch, _ snapshot: Snapshot) {
    self.snapshot = snapshot
    for event in batch.events { consume(event) }
    cursor = batch.cursor
    for lane in snapshot.lanes {
      guard let index = index(of: lane.name) else { continue }
      lanes[index].snapshot = lane
    }
    if case .failed(let reason) = snapshot.phase, failure == nil { fail(reason) }
  }

  /// The place of the lane of this name.
  package func index(of lane: String) -> Int? { lanes.firstIndex { $0.name == lane } }

  /// Whether lanes are training, validating or testing: whether something moves by itself.
  package var isBusy: Bool {
    switch snapshot.phase {
    case .preparing: true
    case .training: lanes.isEmpty || lanes.contains { !$0.state.hasEnded && $0.state != .paused }
    case .idle, .finished, .failed: false
    }
  }

  /// Whether leaving now would end a training.
  package var isTraining: Bool {
    switch snapshot.phase {
    case .preparing, .training: true
    case .idle, .finished, .failed: false
    }
  }

  /// Whether there are lanes and every one that has not ended is held.
  package var isPaused: Bool {
    let open = lanes.filter { !$0.state.hasEnded }
    return !open.isEmpty && open.allSatisfy { $0.state == .paused }
  }

  private mutating func consume(_ event: EngineEvent) {
    switch event {
    case .catalog(let catalog): self.catalog = catalog
    case .started(let run): start(run)
    case .points(let lane, _, let key, let points):
      guard let index = index(of: lane) else { return }
      lanes[index].append(points, to: key)
    case .epoch(let report): record(report)
    case .applied(_, let entry): record(entry)
    case .refused(_, let reason):
      log.append(LogEntry(seconds: snapshot.seconds, text: "refused: \(reason)", weight: .warning))
    case .laneEnded(let result): record(result)
    case .finished:
      isFinished = true
      log.append(LogEntry(seconds: snapshot.seconds, text: "every lane has ended", weight: .good))
    case .failed(let reason), .engineLost(let reason): fail(reason)
    case .layers, .laneAdded, .branched, .checkpointed, .checkpointDeleted, .health: break
    }
  }

  private mutating func start(_ run: RunDescription) {
    self.run = run
    lanes = run.lanes.map(LaneModel.init)
    isFinished = false
    failure = nil
    log.append(
      LogEntry(
        seconds: 0,
        text: "\(run.name) started on \(run.dataset), \(run.datasetOrigin), seed \(run.seed)"))
  }

  private mutating func record(_ report: EpochReport) {
    guard let index = index(of: report.lane) else { return }
    lanes[index].append(report)
    log.append(LogEntry(seconds: snapshot.seconds, lane: report.lane, step: report.step, text: report.summary))
  }

  private mutating func record(_ entry: JournalEntry) {
    guard let index = index(of: entry.lane) else { return }
    lanes[index].journal.append(entry)
    let weight: LogEntry.Weight = if case .set = entry.change { .change } else { .plain }
    log.append(
      LogEntry(
        seconds: entry.seconds, lane: entry.lane, step: entry.step, text: entry.change.summary, weight: weight))
  }

  private mutating func record(_ result: LaneResult) {
    guard let index = index(of: result.lane) else { return }
    lanes[index].result = result
    log.append(
      LogEntry(
        seconds: snapshot.seconds, lane: result.lane, step: result.steps, text: result.summary,
        weight: result.failure == nil ? .good : .bad))
  }

  private mutating func fail(_ reason: String) {
    failure = reason
    log.append(LogEntry(seconds: snapshot.seconds, text: reason, weight: .bad))
  }
}
