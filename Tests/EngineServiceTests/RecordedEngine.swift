import EngineProtocol
import Synchronization
import TrainingMetrics

/// An engine that only has a record, and logs its commands.
final class RecordedEngine: HostedEngine {
  var isSuspended: Bool { false }

  struct Asked: Hashable {
    var command: EngineCommand
    var id: CommandID
    var origin: String
  }

  private struct State {
    var events: [EngineEvent] = []
    var series: [SeriesKey: [MetricPoint]] = [:]
    var snapshot = Snapshot()
    var asked: [Asked] = []
    var onSuspend: Snapshot.Phase?
    var pointsTold = 0
  }

  private let state = Mutex(State())

  /// The total number of points sent to clients.
  var pointsTold: Int { state.withLock(\.pointsTold) }

  var asked: [Asked] { state.withLock(\.asked) }

  func append(_ event: EngineEvent) { state.withLock { $0.events.append(event) } }

  func append(_ points: [MetricPoint], to key: SeriesKey) {
    state.withLock { $0.series[key, default: []] += points }
  }

  func set(_ phase: Snapshot.Phase) { state.withLock { $0.snapshot.phase = phase } }

  func set(_ lanes: [LaneSnapshot]) { state.withLock { $0.snapshot.lanes = lanes } }

  /// The state after the engine was suspended.
  func onSuspend(_ phase: Snapshot.Phase) { state.withLock { $0.onSuspend = phase } }

  func nextCommandID() -> CommandID { CommandID(0) }

  func send(_ command: EngineCommand, as id: CommandID) {}

  func perform(_ command: EngineCommand, as id: CommandID, origin: String) {
    state.withLock { state in
      state.asked.append(Asked(command: command, id: id, origin: origin))
      state.events.append(.refused(id, "only a record"))
      if command == .suspend, let phase = state.onSuspend { state.snapshot.phase = phase }
    }
  }

  func setClientCount(_ count: Int) { state.withLock { $0.snapshot.clients = count } }

  func snapshot() -> Snapshot { state.withLock(\.snapshot) }

  func events(after cursor: EventCursor) -> EventBatch {
    state.withLock { state in
      var batch = EventBatch(events: [], cursor: cursor)
      let new = state.events[cursor.eventCount...]
      let head = new.lastIndex(where: \.isStructural).map { new[...$0] } ?? []
      batch.events += head
      if !cursor.leavesPointsOut {
        for (key, points) in state.series {
          let read = cursor.pointCounts[key, default: 0]
          guard points.count > read else { continue }
          state.pointsTold += points.count - read
          batch.events.append(.points(lane: key.lane, branch: key.branch, key.key, Array(points[read...])))
          batch.cursor.pointCounts[key] = points.count
        }
      }
      batch.events += new.dropFirst(head.count)
      batch.cursor.eventCount = state.events.count
      return batch
    }
  }

  /// A description of a run of this name.
  static func run(_ id: String, directory: String? = nil) -> RunDescription {
    RunDescription(
      id: id, directory: directory, name: "experiment", dataset: "digits", datasetOrigin: "built in", trainingCount: 1,
      validationCount: 1, testCount: 1, classes: ["0"], seed: 1, lanes: [])
  }
}
