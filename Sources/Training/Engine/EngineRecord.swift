import EngineProtocol
import Foundation
import RunStore
import Synchronization
import TrainingMetrics

/// What the engine has told and how it stands: the record that clients and the recorder read by cursor.
final class EngineRecord: Sendable {
  private struct State {
    var phase = Snapshot.Phase.idle
    var events: [EngineEvent] = []
    var lanes: [Lane] = []
    var archive: RunArchive?
    var clients = 0
    var isSuspending = false
    var preparation = 0
    // The command that asked for the newest preparation.
    var preparing = CommandID(0)
    // Where events stand that clients must not hear of before they are written.
    var held: [Int: Int] = [:]
    var lastHold = 0
  }

  private let state = Mutex(State())

  /// What the engine is doing.
  var phase: Snapshot.Phase { state.withLock { $0.phase } }

  /// The lanes, in the order of their panels.
  var lanes: [Lane] { state.withLock { $0.lanes } }

  /// How the lanes stand.
  var snapshots: [LaneSnapshot] { lanes.map(\.record.snapshot) }

  /// How many clients are connected.
  var clients: Int {
    get { state.withLock { $0.clients } }
    set { state.withLock { $0.clients = newValue } }
  }

  /// Takes up a run, the only one.
  /// - Returns: the preparation's number; nil where there is a run already.
  func beginPreparation(_ stage: Snapshot.Stage, _ id: CommandID) -> Int? {
    state.withLock { state in
      switch state.phase {
      case .idle: break
      // What could not be started leaves the engine free for the next try.
      case .failed where state.lanes.isEmpty: break
      case .preparing, .training, .finished, .failed: return nil
      }
      state.phase = .preparing(stage)
      state.preparation += 1
      state.preparing = id
      return state.preparation
    }
  }

  /// Whether a preparation is still waited for.
  func isPreparing(_ preparation: Int) -> Bool {
    state.withLock { if case .preparing = $0.phase { $0.preparation == preparation } else { false } }
  }

  /// Sets the stage of a preparation, if that is still waited for.
  func setPreparing(_ stage: Snapshot.Stage, _ preparation: Int) {
    state.withLock { state in
      if case .preparing = state.phase, state.preparation == preparation { state.phase = .preparing(stage) }
    }
  }

  /// Ends a preparation, or the present one whichever it is.
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

  /// Takes in the lanes and that they start, or go on.
  /// - Parameter isWanted: done where they are still waited for, before anybody sees them.
  /// - Returns: false where nobody waits for them any more.
  func begin(_ lanes: [Lane], events: [EngineEvent], _ preparation: Int, isWanted: () -> Void) -> Bool {
    state.withLock { state in
      guard case .preparing = state.phase, state.preparation == preparation else { return false }
      isWanted()
      state.lanes = lanes
      state.phase = .training
      state.events += events
      finishIfEnded(&state)
      return true
    }
  }

  /// Adds a lane that goes on from another's checkpoint.
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

  /// Makes a lane that has ended one that trains again.
  /// - Returns: false if the run is being suspended.
  func restart(_ lane: Lane) -> Bool {
    state.withLock { state in
      guard !state.isSuspending else { return false }
      lane.setRunning(true)
      state.phase = .training
      return true
    }
  }

  /// Takes note that the run is being suspended: no lane starts any more.
  func suspend() { state.withLock { $0.isSuspending = true } }

  /// Whether the run was suspended.
  var isSuspended: Bool { state.withLock { $0.isSuspending && $0.lanes.allSatisfy(\.hasEnded) } }

  /// Tells of something.
  func append(_ event: EngineEvent) { state.withLock { $0.events.append(event) } }

  /// Tells of something that clients must not hear of before it is written: what was acknowledged is not lost.
  /// - Parameter commit: waits until it is written.
  func append(_ event: EngineEvent, after commit: () -> Void) {
    let hold = state.withLock { state in
      state.lastHold += 1
      state.held[state.lastHold] = state.events.count
      state.events.append(event)
      return state.lastHold
    }
    commit()
    state.withLock { $0.held[hold] = nil }
  }

  /// Tells of something that does not work.
  func warn(_ message: String) {
    append(.health(HealthReport(.warning, message, time: Date().timeIntervalSince1970)))
  }

  /// Takes note that a lane's thread has ended; with the last one the run is finished.
  func laneThreadEnded() { state.withLock { finishIfEnded(&$0) } }

  private func finishIfEnded(_ state: inout State) {
    guard state.phase == .training, state.lanes.allSatisfy(\.hasEnded) else { return }
    state.phase = .finished
    // A run that was done when it was taken up has told of its end, and maybe of a last checkpoint since.
    let hasTold = state.events.last(where: \.tellsOfAnEnd) == .finished
    if !state.isSuspending, !hasTold { state.events.append(.finished) }
  }

  /// All events since `cursor`, in the order in which they were told. What the lanes have measured stands behind the last
  /// event that tells of a new lane or branch, and before what they tell of it.
  ///
  /// Where a series has more new points than are told at once, what stands behind them waits for the next time.
  /// - Parameters:
  ///   - isRecorder: whether what is to be written first is told too.
  ///   - mostPoints: so many points of a series are told at once.
  func events(after cursor: EventCursor, isRecorder: Bool = false, mostPoints: Int = .max) -> EventBatch {
    let (events, lanes) = state.withLock { state in
      let end = isRecorder ? state.events.count : state.held.values.min() ?? state.events.count
      return (Array(state.events[min(end, cursor.eventCount)..<end]), state.lanes)
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
      // What can't be read any more is left out: the reader gets the rest.
      batch.cursor.pointCounts[key, default: 0] += points.isEmpty ? count : points.count
    }
  }

  /// Where a reader stands that has read everything.
  func end(of cursor: EventCursor) -> EventCursor {
    let (count, lanes) = state.withLock { ($0.held.values.min() ?? $0.events.count, $0.lanes) }
    var end = cursor
    end.eventCount = count
    for lane in lanes where !cursor.leavesPointsOut {
      end.pointCounts.merge(lane.record.pointCounts) { _, new in new }
    }
    return end
  }

  /// Tells where the points are that are no longer in memory.
  func setArchive(_ archive: RunArchive) { state.withLock { $0.archive = archive } }

  /// Forgets the points that are in the run's directory, but the newest.
  func forget(points: [SeriesKey: Int], times: [BranchKey: Int]) {
    for lane in lanes { lane.record.forget(points: points, times: times) }
  }

  /// The summaries of all long series.
  func sketches() -> [SeriesKey: MetricSeries] {
    lanes.reduce(into: [:]) { sketches, lane in sketches.merge(lane.record.sketches()) { _, new in new } }
  }

  /// The times of the steps after the first `counts` ones.
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
