import EngineProtocol
import Foundation
import RunStore
import Synchronization

/// What the engine has told and how it stands: the record that clients and the recorder read by cursor.
final class EngineRecord: Sendable {
  private struct State {
    var phase = Snapshot.Phase.idle
    var events: [EngineEvent] = []
    var lanes: [Lane] = []
    var clients = 0
    var isSuspended = false
  }

  private let state = Mutex(State())

  /// What the engine is doing.
  var phase: Snapshot.Phase {
    get { state.withLock { $0.phase } }
    set { state.withLock { $0.phase = newValue } }
  }

  /// The lanes, in the order of their panels.
  var lanes: [Lane] { state.withLock { $0.lanes } }

  /// How the lanes stand.
  var snapshots: [LaneSnapshot] { lanes.map(\.record.snapshot) }

  /// How many clients are connected.
  var clients: Int {
    get { state.withLock { $0.clients } }
    set { state.withLock { $0.clients = newValue } }
  }

  /// Changes the phase where `change` says so, in one step.
  /// - Returns: whether it did.
  func move(_ change: (Snapshot.Phase, _ hasLanes: Bool) -> Snapshot.Phase?) -> Bool {
    state.withLock { state in
      guard let next = change(state.phase, !state.lanes.isEmpty) else { return false }
      state.phase = next
      return true
    }
  }

  /// Takes in the lanes and that they start, or go on.
  /// - Returns: false where nobody waits for them any more.
  func begin(_ lanes: [Lane], events: [EngineEvent]) -> Bool {
    state.withLock { state in
      guard case .preparing = state.phase else { return false }
      state.lanes = lanes
      state.phase = .training
      state.events += events
      return true
    }
  }

  /// Adds a lane that goes on from another's checkpoint.
  func add(_ lane: Lane, _ event: EngineEvent) {
    state.withLock { state in
      state.lanes.append(lane)
      state.phase = .training
      state.events.append(event)
    }
  }

  /// Tells of something.
  func append(_ event: EngineEvent) { state.withLock { $0.events.append(event) } }

  /// Tells of something that does not work.
  func warn(_ message: String) {
    append(.health(HealthReport(.warning, message, time: Date().timeIntervalSince1970)))
  }

  /// Tells that nothing could be started, or that all is lost.
  func fail(_ message: String) {
    state.withLock { state in
      state.phase = .failed(message)
      state.events.append(.failed(message))
    }
  }

  /// Takes note that a lane's thread has ended; with the last one the run is finished.
  /// - Parameter isSuspended: whether the lane has only been put aside.
  func laneThreadEnded(isSuspended: Bool) {
    state.withLock { state in
      state.isSuspended = state.isSuspended || isSuspended
      guard state.phase == .training, state.lanes.allSatisfy(\.hasEnded) else { return }
      state.phase = .finished
      if !state.isSuspended { state.events.append(.finished) }
    }
  }

  /// All events since `cursor`, in the order in which they were told. What the lanes have measured stands behind the last
  /// event that tells of a new lane or branch, and before what they tell of it.
  func events(after cursor: EventCursor) -> EventBatch {
    let (events, lanes) = state.withLock { state in
      (Array(state.events[min(state.events.count, cursor.eventCount)...]), state.lanes)
    }
    let head = (events.lastIndex(where: \.isStructural) ?? -1) + 1
    var batch = EventBatch(events: Array(events[..<head]), cursor: cursor)
    batch.cursor.eventCount += events.count
    for lane in lanes where !cursor.leavesPointsOut {
      for (key, points) in lane.record.points(after: cursor) {
        batch.events.append(.points(lane: key.lane, branch: key.branch, key.key, points))
        batch.cursor.pointCounts[key, default: 0] += points.count
      }
    }
    batch.events += events[head...]
    return batch
  }

  /// The times of the steps after the first `counts` ones.
  func times(after counts: [BranchKey: Int]) -> [BranchKey: [StepTime]] {
    lanes.reduce(into: [:]) { times, lane in
      times.merge(lane.record.times(after: counts)) { _, new in new }
    }
  }
}
