package import EngineProtocol
import TerminalUI
import TrainingMetrics

/// The state of a run as received from the engine in events and snapshots.
///
/// It is a value without clock or terminal: the same events give the same model, so tests can replay a whole run.
package struct DashboardModel: Sendable {
  /// What can be trained; nil until the engine has answered.
  package private(set) var catalog: Catalog?
  /// The run's description; nil before the lanes start.
  package private(set) var run: RunDescription?
  /// The newest snapshot.
  package private(set) var snapshot = Snapshot()
  /// The lanes in display order.
  package private(set) var lanes: [LaneModel] = []
  /// The journal, oldest first.
  package private(set) var log: [LogEntry] = []
  /// Why nothing could be started, or why the run was lost.
  package private(set) var failure: String?
  /// Why the engine is gone; nil if it is not.
  package private(set) var loss: EngineLoss?
  /// Whether every lane has ended.
  package private(set) var isFinished = false
  /// A change that the health watch offers, until it is made or declined, or its lane has ended; nil if there is none.
  package private(set) var offer: Offer?
  /// The cursor for the next request of events.
  package private(set) var cursor = EventCursor()
  // The time of the journal's newest line, which is used for earlier events without a time.
  private var logTime = 0.0
  private var isHistory = false

  /// The state before the first event.
  package init() {}

  /// Processes events in order, and the current snapshot.
  /// - Parameters:
  ///   - isHistory: whether they happened before the dashboard connected.
  ///   - isOwn: returns whether this client sent a command.
  package mutating func consume(
    _ batch: EventBatch, _ snapshot: Snapshot, isHistory: Bool = false, isOwn: (CommandID) -> Bool = { _ in false }
  ) {
    self.snapshot = snapshot
    self.isHistory = isHistory
    for event in batch.events { consume(event, isOwn) }
    for index in lanes.indices { lanes[index].settle() }
    cursor = batch.cursor
    for lane in snapshot.lanes {
      guard let index = index(of: lane.name) else { continue }
      lanes[index].snapshot = lane
      if loss == nil { lanes[index].absence = nil }
    }
    if case .failed(let reason) = snapshot.phase, failure == nil { fail(reason) }
  }

  /// Starts again with the engine that replaces a lost one. The old state is kept until the new engine describes the
  /// run.
  mutating func restart() {
    loss = nil
    for index in lanes.indices { lanes[index].absence = .resuming }
    failure = nil
    cursor = EventCursor()
    snapshot.phase = .preparing(Snapshot.Stage(.request, "resuming the run"))
  }

  /// Handles the normal end of the engine.
  mutating func engineHasEnded() {
    loss = isFinished ? .done : .suspended
    for index in lanes.indices { lanes[index].absence = .suspended }
    if !isFinished { note(EngineLoss.suspended.words, weight: .warning) }
  }

  /// Returns the index of a lane by name.
  package func index(of lane: String) -> Int? { lanes.firstIndex { $0.name == lane } }

  /// Whether lanes are training, validating or testing.
  package var isBusy: Bool {
    if loss != nil { return false }
    return switch snapshot.phase {
    case .preparing: true
    case .training: lanes.isEmpty || lanes.contains { !$0.state.hasEnded && $0.state != .paused }
    case .idle, .finished, .failed: false
    }
  }

  /// Whether leaving now would stop a training.
  package var isTraining: Bool {
    if loss != nil { return false }
    return switch snapshot.phase {
    case .preparing: true
    // The event that every lane has ended precedes the snapshot with that state.
    case .training: !isFinished
    // The history has arrived but not yet the current state; a training must not be stopped without asking.
    case .idle: run != nil && !isFinished
    case .finished, .failed: false
    }
  }

  /// Whether there are lanes, and all that have not ended are paused or waiting.
  package var isPaused: Bool {
    let open = lanes.filter { !$0.state.hasEnded }
    return !open.isEmpty && open.allSatisfy { $0.state == .paused }
  }

  /// The lanes that determine the run's progress: those that have not ended; otherwise those that have finished,
  /// otherwise all.
  package var decidingLanes: [LaneModel] {
    let open = lanes.filter { !$0.state.hasEnded }
    if !open.isEmpty { return open }
    let finished = lanes.filter { $0.state == .finished }
    return finished.isEmpty ? lanes : finished
  }

  /// The fraction of the run that is done, 0...1.
  package var progress: Double {
    let lanes = decidingLanes
    return lanes.reduce(0) { $0 + $1.progress } / Double(max(1, lanes.count))
  }

  private mutating func consume(_ event: EngineEvent, _ isOwn: (CommandID) -> Bool) {
    switch event {
    case .catalog(let catalog, _): self.catalog = catalog
    case .started(let run): start(run)
    case .laneAdded(let lane): add(lane)
    case .branched(let branch): record(branch)
    case .points(let lane, let branch, let key, let points):
      guard let index = index(of: lane) else { return }
      lanes[index].append(points, to: key, branch: branch)
    case .sketch(let lane, let branch, let key, let series):
      guard let index = index(of: lane) else { return }
      lanes[index].replace(key, branch: branch, with: series)
    case .epoch(let report): record(report)
    case .applied(let id, let entry): record(entry, isOwn: isOwn(id))
    case .refused(_, let reason):
      note("refused: \(reason)", weight: .warning)
    case .checkpointed(let checkpoint): record(checkpoint)
    case .checkpointDeleted(let lane, let branch, let step):
      guard let index = index(of: lane) else { return }
      lanes[index].removeCheckpoint(branch: branch, step: step)
    case .health(let report):
      record(report)
    case .laneEnded(let result): record(result)
    case .finished:
      isFinished = true
      note("every lane has ended", weight: .good)
    case .failed(let reason, _): fail(reason)
    case .engineLost(let reason):
      loss = .died(reason)
      for index in lanes.indices { lanes[index].absence = .lost }
      note(reason, weight: .bad)
    case .stretch(_, let request, let points):
      guard let index = index(of: request.lane) else { return }
      lanes[index].refine(request, with: points)
    case .layers(let report):
      guard let index = index(of: report.lane) else { return }
      lanes[index].append(report)
    case .downloadEnded, .lanePacked, .laneTimed, .laneExported, .laneInspected, .laneClassified,
      .imageAnswered, .rateFound, .momentsCompared, .weightsRead, .deploymentFailed:
      break
    }
  }

  private mutating func start(_ run: RunDescription) {
    // When an engine is replaced, its lanes keep their state until the new engine reports it.
    let known = lanes.filter { $0.absence == .resuming }
    self.run = run
    lanes = run.lanes.map { lane in LaneModel(lane, as: known.first { $0.name == lane.name }) }
    isFinished = false
    failure = nil
    offer = nil
    log = []
    logTime = 0
    note("\(run.name) started on \(run.dataset), \(run.datasetPlace), seed \(run.seed)", seconds: 0)
    for text in run.notes ?? [] { note("\(run.dataset): \(text)", seconds: 0, weight: .warning) }
  }

  private mutating func add(_ lane: RunDescription.Lane) {
    guard run != nil, index(of: lane.name) == nil else { return }
    run?.lanes.append(lane)
    lanes.append(LaneModel(lane))
    isFinished = false
    let origin = lane.fork.map { "forked off \($0.lane) at step \(NumberFormat.grouped($0.step))\($0.changes)" }
    note(origin ?? "added", lane: lane.name, step: lane.fork?.step, weight: .change)
  }

  private mutating func record(_ branch: LaneBranch) {
    guard let index = index(of: branch.lane) else { return }
    lanes[index].begin(branch)
    isFinished = false
  }

  private mutating func record(_ checkpoint: Checkpoint) {
    guard let index = index(of: checkpoint.lane) else { return }
    lanes[index].add(checkpoint)
    let reason = checkpoint.reason == .asked ? "written" : checkpoint.reason.title
    note(
      "checkpoint \(reason), \(NumberFormat.bytes(checkpoint.bytes))", lane: checkpoint.lane, step: checkpoint.step,
      weight: checkpoint.reason == .asked ? .plain : .faint, subject: .checkpoint(checkpoint))
  }

  private mutating func record(_ report: EpochReport) {
    guard let index = index(of: report.lane) else { return }
    lanes[index].append(report)
    note(
      report.summary, seconds: report.seconds, lane: report.lane, step: report.step,
      subject: .other(branch: report.branch))
  }

  private mutating func record(_ report: HealthReport) {
    note(
      report.message, lane: report.finding?.lane, step: report.finding?.step, weight: report.severity.weight,
      subject: report.finding.map { .finding($0) } ?? .other())
    guard !isHistory, let finding = report.finding, let setting = finding.suggestion,
      let index = index(of: finding.lane), !lanes[index].state.hasEnded
    else { return }
    offer = Offer(finding: finding, setting: setting)
  }

  /// Forgets the change that is offered.
  mutating func declineOffer() { offer = nil }

  private mutating func record(_ entry: JournalEntry, isOwn: Bool) {
    if case .set(offer?.setting.hyperparameter, _, _) = entry.change, entry.lane == offer?.finding.lane { offer = nil }
    guard let index = index(of: entry.lane) else { return }
    lanes[index].journal.append(entry)
    // The fork's line already includes its changes.
    if let fork = lanes[index].description.fork, fork.step == entry.step, entry.branch == 1,
      case .set(let key, _, let new) = entry.change,
      fork.settings.contains(HyperparameterSetting(key, new))
    {
      return
    }
    let weight: LogEntry.Weight =
      switch entry.change {
      case .set, .rewound, .forked: .change
      case .noted: .note
      case .paused, .resumed, .stepped, .runsToEpoch, .stopped: .plain
      }
    let origin = entry.origin.isEmpty || isOwn ? "" : ", by \(entry.origin)"
    note(
      entry.change.summary + origin, seconds: entry.seconds, lane: entry.lane, step: entry.step, weight: weight,
      subject: .entry(entry))
  }

  private mutating func record(_ result: LaneResult) {
    guard let index = index(of: result.lane) else { return }
    lanes[index].result = result
    if offer?.finding.lane == result.lane { offer = nil }
    note(
      result.summary, seconds: result.seconds, lane: result.lane, step: result.steps,
      weight: result.failure != nil ? .bad : result.wasStopped ? .plain : .good)
  }

  private mutating func fail(_ reason: String) {
    failure = reason
    note(reason, weight: .bad)
  }

  private mutating func note(
    _ text: String, seconds: Double? = nil, lane: String? = nil, step: Int? = nil, weight: LogEntry.Weight = .plain,
    subject: LogEntry.Subject = .other()
  ) {
    // A rewound or forked lane has less working time than the others, so lines use the run's time.
    logTime = max(logTime, isHistory ? seconds ?? 0 : snapshot.seconds)
    log.append(LogEntry(seconds: logTime, lane: lane, step: step, text: text, weight: weight, subject: subject))
  }
}

/// A change that the health watch offers.
package struct Offer: Hashable, Sendable {
  /// What was seen.
  package var finding: HealthFinding
  /// The change.
  package var setting: HyperparameterSetting

  /// What it is about, for display: “closed gates in bnn, hidden1.normalization”.
  var subject: String {
    "\(finding.rule.words) in \(finding.lane)\(finding.layer.map { ", \($0)" } ?? "")"
  }

  /// The change, for display: “STE window 2”.
  var change: String { "\(setting.hyperparameter.specification.title) \(setting.value)" }
}
