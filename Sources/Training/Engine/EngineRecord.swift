import EngineProtocol
import Foundation
import RunStore
import Synchronization
import TrainingMetrics

/// The engine's events and state, which clients and the recorder read by cursor.
final class EngineRecord: Sendable {
  private struct State {
    var phase = Snapshot.Phase.idle
    var events: [EngineEvent] = []
    var lanes: [Lane] = []
    var archive: RunArchive?
    var clients = 0
    var isSuspending = false
    var preparation = 0
    // The command that requested the newest preparation.
    var preparing = CommandID.unasked
    // Indices of events that clients must not see until they are written to disk.
    var held: [Int: Int] = [:]
    var lastHold = 0
    // How many events are written to disk.
    var recorded = 0
    // Why events that clients see are not written, by index.
    var unrecorded: [Int: String] = [:]

    // Indices of the newest answers about images and weights, with their commands.
    var answers: [(index: Int, id: CommandID)] = []

    // A client that draws or watches weights asks many times per second, and nobody reads an old answer.
    mutating func dropOldAnswers(adding id: CommandID) {
      answers.append((events.count, id))
      guard answers.count > EngineRecord.keptAnswers else { return }
      let old = answers.removeFirst()
      events[old.index] = .refused(old.id, "the answer was not read in time")
    }

    // The events of a range, where changes that are not on disk say so.
    func told(_ range: Range<Int>) -> [EngineEvent] {
      var told = Array(events[range])
      for (index, reason) in unrecorded where index >= recorded && range.contains(index) {
        guard case .applied(let id, var entry) = told[index - range.lowerBound] else { continue }
        entry.unrecorded = reason
        told[index - range.lowerBound] = .applied(id, entry)
      }
      return told
    }
  }

  /// Number of answers about images and weights that are kept.
  static let keptAnswers = 32

  private let state = Mutex(State())

  /// What the engine is doing.
  var phase: Snapshot.Phase { state.withLock { $0.phase } }

  /// The lanes in display order.
  var lanes: [Lane] { state.withLock { $0.lanes } }

  /// The states of the lanes.
  var snapshots: [LaneSnapshot] { lanes.map(\.record.snapshot) }

  /// Number of connected clients.
  var clients: Int {
    get { state.withLock { $0.clients } }
    set { state.withLock { $0.clients = newValue } }
  }

  /// Returns the branches of a lane.
  func lineage(of lane: String) -> LaneLineage {
    state.withLock { state in
      var lineage = LaneLineage()
      for case .branched(let branch) in state.events where branch.lane == lane { lineage.append(branch) }
      return lineage
    }
  }

  /// Starts the preparation of a run. Only one run is possible.
  /// - Returns: the preparation's number; nil if there is a run already.
  func beginPreparation(_ stage: Snapshot.Stage, _ id: CommandID) -> Int? {
    state.withLock { state in
      switch state.phase {
      case .idle: break
      // After a failed start the engine accepts another one.
      case .failed where state.lanes.isEmpty: break
      case .preparing, .training, .finished, .failed: return nil
      }
      state.phase = .preparing(stage)
      state.preparation += 1
      state.preparing = id
      return state.preparation
    }
  }

  /// Returns whether a preparation is still in progress.
  func isPreparing(_ preparation: Int) -> Bool {
    state.withLock { if case .preparing = $0.phase { $0.preparation == preparation } else { false } }
  }

  /// Sets the stage of a preparation if it is still in progress.
  func setPreparing(_ stage: Snapshot.Stage, _ preparation: Int) {
    state.withLock { state in
      if case .preparing = state.phase, state.preparation == preparation { state.phase = .preparing(stage) }
    }
  }

  /// Ends a preparation; nil ends the current one.
  /// - Returns: whether there was one.
  @discardableResult
  func failPreparation(_ message: String, _ preparation: Int? = nil) -> Bool {
    state.withLock { state in
      guard case .preparing = state.phase, preparation ?? state.preparation == state.preparation else { return false }
      state.phase = .failed(message)
      state.events.append(.failed(message, state.preparing))
      return true
    }
  }

  /// Adds the lanes of a run, which start or resume.
  /// - Parameters:
  ///   - events: the first events; for a resumed run its history.
  ///   - isWanted: called before the lanes become visible, unless the preparation was stopped, with the number of events
  ///     before `events`, which refused commands may have left.
  /// - Returns: false if the preparation was stopped.
  func begin(_ lanes: [Lane], events: [EngineEvent], _ preparation: Int, isWanted: (_ before: Int) -> Void) -> Bool {
    state.withLock { state in
      guard case .preparing = state.phase, state.preparation == preparation else { return false }
      isWanted(state.events.count)
      state.lanes = lanes
      state.phase = .training
      state.events += events
      finishIfEnded(&state)
      return true
    }
  }

  /// Adds a forked lane.
  /// - Returns: false if the run is being suspended.
  func add(_ lane: Lane, _ event: EngineEvent) -> Bool {
    state.withLock { state in
      guard !state.isSuspending else { return false }
      state.lanes.append(lane)
      state.phase = .training
      state.events.append(event)
      return true
    }
  }

  /// Restarts a lane that has ended.
  /// - Returns: false if the run is being suspended.
  func restart(_ lane: Lane) -> Bool {
    state.withLock { state in
      guard !state.isSuspending else { return false }
      lane.setRunning(true)
      state.phase = .training
      return true
    }
  }

  /// Marks the run as being suspended: no further lane starts.
  func suspend() { state.withLock { $0.isSuspending = true } }

  /// Whether the run was suspended.
  var isSuspended: Bool { state.withLock { $0.isSuspending && $0.lanes.allSatisfy(\.hasEnded) } }

  /// Appends an event.
  func append(_ event: EngineEvent) {
    state.withLock { state in
      switch event {
      case .imageAnswered(let id, _), .weightsRead(let id, _): state.dropOldAnswers(adding: id)
      default: break
      }
      state.events.append(event)
    }
  }

  /// Appends an event that clients must not see until it is written to disk, so that nothing acknowledged can be lost. If it
  /// can't be written, a change tells clients so, by `JournalEntry.unrecorded`.
  /// - Parameter commit: waits until it is written; returns why it is not, nil if it is.
  func append(_ event: EngineEvent, after commit: () -> String?) {
    let (hold, index) = state.withLock { state in
      state.lastHold += 1
      state.held[state.lastHold] = state.events.count
      state.events.append(event)
      return (state.lastHold, state.events.count - 1)
    }
    let problem = commit()
    state.withLock { state in
      if let problem { state.unrecorded[index] = problem }
      state.held[hold] = nil
    }
  }

  /// Called when the first `count` events are written to disk.
  func didRecord(events count: Int) { state.withLock { $0.recorded = count } }

  /// Appends a warning.
  func warn(_ message: String) {
    append(.health(HealthReport(.warning, message, time: Date().timeIntervalSince1970)))
  }

  /// Called when a lane's thread has ended. When all have ended, the run is finished.
  func laneThreadEnded() { state.withLock { finishIfEnded(&$0) } }

  private func finishIfEnded(_ state: inout State) {
    guard state.phase == .training, state.lanes.allSatisfy(\.hasEnded) else { return }
    state.phase = .finished
    // When a finished run is resumed, its record already contains the end, perhaps followed by a last checkpoint.
    let hasTold = state.events.last(where: \.tellsOfAnEnd) == .finished
    if !state.isSuspending, !hasTold { state.events.append(.finished) }
  }

  /// Returns all events after `cursor` in order. New points follow the last event that adds a lane or a branch, and
  /// precede the other events of the batch.
  ///
  /// If a series has more new points than fit into one batch, the events after them wait for the next batch.
  /// - Parameters:
  ///   - isRecorder: whether to include events that are not written yet.
  ///   - mostPoints: maximum number of points per series in a batch.
  func events(after cursor: EventCursor, isRecorder: Bool = false, mostPoints: Int = .max) -> EventBatch {
    let (events, lanes) = state.withLock { state in
      let end = isRecorder ? state.events.count : state.held.values.min() ?? state.events.count
      let news = min(end, cursor.eventCount)..<end
      return (isRecorder ? Array(state.events[news]) : state.told(news), state.lanes)
    }
    let head = (events.lastIndex(where: \.isStructural) ?? -1) + 1
    var batch = EventBatch(events: Array(events[..<head]), cursor: cursor)
    for lane in lanes where !cursor.leavesPointsOut {
      for (key, news) in lane.record.news(after: cursor, mostPoints: mostPoints) { append(news, of: key, to: &batch) }
    }
    if batch.isWhole { batch.events += events[head...] }
    batch.cursor.eventCount += batch.isWhole ? events.count : head
    return batch
  }

  private func append(_ news: LaneRecord.News, of key: SeriesKey, to batch: inout EventBatch) {
    switch news {
    case .points(let points, let isWhole):
      batch.events.append(.points(lane: key.lane, branch: key.branch, key.key, points))
      batch.cursor.pointCounts[key, default: 0] += points.count
      batch.isWhole = batch.isWhole && isWhole
    case .sketch(let series):
      batch.events.append(.sketch(lane: key.lane, branch: key.branch, key.key, series))
      batch.cursor.pointCounts[key] = series.pointCount
    case .stored(let step, let offset, let count):
      batch.isWhole = false
      let archive = state.withLock { $0.archive }
      let points = (try? archive?.points(of: key, after: step, offset: offset, count: count)) ?? []
      if !points.isEmpty { batch.events.append(.points(lane: key.lane, branch: key.branch, key.key, points)) }
      // Points that can't be read are skipped.
      batch.cursor.pointCounts[key, default: 0] += points.isEmpty ? count : points.count
    }
  }

  /// Returns the points of a series within a range of steps, from memory and otherwise from the run's directory.
  /// - Throws: `StoreError`.
  func points(_ request: PointsRequest) throws -> [MetricPoint] {
    let (lanes, archive) = state.withLock { ($0.lanes, $0.archive) }
    let kept = lanes.first { $0.name == request.lane }?.record.points(request) ?? (points: [], isWhole: true)
    guard !kept.isWhole, let archive else { return Array(kept.points.prefix(PointsRequest.mostPoints)) }
    let stored = try archive.points(request)
    let rest = kept.points.filter { $0.step > stored.last?.step ?? .min }
    return Array((stored + rest).prefix(PointsRequest.mostPoints))
  }

  /// Returns the cursor behind all events and points.
  func end(of cursor: EventCursor) -> EventCursor {
    let (count, lanes) = state.withLock { ($0.held.values.min() ?? $0.events.count, $0.lanes) }
    var end = cursor
    end.eventCount = count
    for lane in lanes where !cursor.leavesPointsOut {
      end.pointCounts.merge(lane.record.pointCounts) { _, new in new }
    }
    return end
  }

  /// Sets the archive that contains the points that are no longer in memory.
  func setArchive(_ archive: RunArchive) { state.withLock { $0.archive = archive } }

  /// Removes points from memory that are in the run's directory, except for the newest.
  func forget(points: [SeriesKey: Int], times: [BranchKey: Int]) {
    for lane in lanes { lane.record.forget(points: points, times: times) }
  }

  /// Returns the summaries of all long series.
  func sketches() -> [SeriesKey: MetricSeries] {
    lanes.reduce(into: [:]) { sketches, lane in sketches.merge(lane.record.sketches()) { _, new in new } }
  }

  /// Returns the times of the steps after the first `counts` ones.
  func times(after counts: [BranchKey: Int]) -> [BranchKey: [StepTime]] {
    lanes.reduce(into: [:]) { times, lane in
      times.merge(lane.record.times(after: counts)) { _, new in new }
    }
  }
}

extension EngineEvent {
  fileprivate var tellsOfAnEnd: Bool {
    switch self {
    case .laneEnded, .finished: true
    default: false
    }
  }
}
