package import EngineProtocol
import Foundation
import Synchronization
import TrainingMetrics

/// A run read from its directory, as an engine that has done all it will ever do.
///
/// It is read once: of a run that trains, what comes after is not in it.
package final class RecordedRun: EngineClient {
  private let events: [EngineEvent]
  private let series: [(key: SeriesKey, series: MetricSeries)]
  private let standing: Snapshot
  private let refusal: String
  private let refusals = Mutex<[EngineEvent]>([])
  private let lastCommand = Mutex(0)

  /// The run of `directory`.
  /// - Throws: `StoreError.notFound`, `.newerFormat`, `.damaged`.
  package convenience init(directory: String) throws {
    let history = try RunArchive.outline(of: directory)
    self.init(history, bytes: FolderSize.bytes(of: directory))
  }

  /// The run of a history.
  /// - Parameter bytes: what its directory takes on the disk.
  package convenience init(_ history: RunHistory, bytes: Int = 0) {
    let id = history.description.id
    self.init(
      history, bytes: bytes, refusal: "this is a recording of \(id); `signflip resume \(id)` goes on with it")
  }

  /// A history that answers every command with `refusal`.
  init(_ history: RunHistory, bytes: Int, refusal: String) {
    events = history.events.map(\.event)
    series = history.orderedSeries.map { ($0, history.sketches[$0] ?? MetricSeries(history.series[$0] ?? [])) }
    standing = Self.snapshot(of: history, bytes: bytes)
    self.refusal = refusal
  }

  package func nextCommandID() -> CommandID {
    lastCommand.withLock { number in
      number += 1
      return CommandID(number)
    }
  }

  package func send(_ command: EngineCommand, as id: CommandID) {
    refusals.withLock { $0.append(.refused(id, refusal)) }
  }

  package func snapshot() -> Snapshot { standing }

  package func events(after cursor: EventCursor) -> EventBatch {
    let all = events + refusals.withLock { $0 }
    let new = all[min(max(0, cursor.eventCount), all.count)...]
    var next = cursor
    next.eventCount += new.count
    var points: [EngineEvent] = []
    for (key, recorded) in series where !cursor.leavesPointsOut {
      let read = cursor.pointCounts[key] ?? 0
      guard read < recorded.pointCount else { continue }
      points.append(
        recorded.isCoarse
          ? .sketch(lane: key.lane, branch: key.branch, key.key, recorded)
          : .points(lane: key.lane, branch: key.branch, key.key, Array(recorded.points[read...])))
      next.pointCounts[key] = recorded.pointCount
    }
    return EventBatch(
      events: new.filter(\.isStructural) + points + new.filter { !$0.isStructural }, cursor: next)
  }

  private static func snapshot(of history: RunHistory, bytes: Int) -> Snapshot {
    let lanes = history.lanes.map { lane in
      var standing =
        history.snapshots.first { $0.name == lane.name }
        // Interrupted before it was told how the lane stands.
        ?? LaneSnapshot(name: lane.name, epochs: 1, stepsPerEpoch: 1, hyperparameters: [])
      if !standing.state.hasEnded { standing.state = .stopped }
      return standing
    }
    var phase = Snapshot.Phase.finished
    if lanes.isEmpty, case .failed(let words, _)? = history.events.last?.event { phase = .failed(words) }
    return Snapshot(
      phase: phase, seconds: lanes.map(\.seconds).max() ?? 0, lanes: lanes,
      storage: Snapshot.Storage(bytes: bytes))
  }
}
