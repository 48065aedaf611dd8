package import EngineProtocol
import Dispatch
import Foundation
import Synchronization
package import TrainingMetrics

/// A run read from its directory, presented as an engine that has finished.
///
/// It is read once; if the run is still training, later data is not included.
package final class RecordedRun: EngineClient {
  private let events: [EngineEvent]
  private let series: [(key: SeriesKey, series: MetricSeries)]
  private let standing: Snapshot
  private let refusal: String
  private let points: @Sendable (PointsRequest) throws -> [MetricPoint]
  private let answerer: Answerer?
  private let work = DispatchQueue(label: "questions about a recording")
  private let answers = Mutex(Answers())
  private let lastCommand = Mutex(0)

  // The only reader needs an answer once, so answers that were read are only counted.
  private struct Answers {
    var read = 0
    var waiting: [EngineEvent] = []
  }

  /// Reads the run in `directory`.
  /// - Throws: `StoreError.notFound`, `.newerFormat`, `.damaged`.
  /// - Parameter answerer: answers what can be asked of lanes with checkpoints.
  package convenience init(directory: String, answerer: Answerer? = nil) throws {
    let history = try RunArchive.outline(of: directory)
    self.init(history, bytes: FolderSize.bytes(of: directory), answerer: answerer) {
      try RunArchive.points($0, of: directory)
    }
  }

  /// Answers a command with the run's checkpoints and images; nil if it can't. It is called on one queue.
  package typealias Answerer = @Sendable (EngineCommand, CommandID) -> EngineEvent?

  /// The run of a history.
  /// - Parameters:
  ///   - bytes: the size of its directory on disk.
  ///   - points: returns points that are summarized in the history.
  package convenience init(
    _ history: RunHistory, bytes: Int = 0, answerer: Answerer? = nil,
    points: @escaping @Sendable (PointsRequest) throws -> [MetricPoint] = { _ in [] }
  ) {
    let id = history.description.id
    self.init(
      history, bytes: bytes, refusal: "this is a recording of \(id); `signflip resume \(id)` continues it",
      answerer: answerer, points: points)
  }

  /// A history that answers requests for points, and refuses every other command with `refusal`.
  init(
    _ history: RunHistory, bytes: Int, refusal: String, answerer: Answerer? = nil,
    points: @escaping @Sendable (PointsRequest) throws -> [MetricPoint]
  ) {
    self.points = points
    self.answerer = answerer
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
    guard let answerer, command.isQuestionAboutLanes else { return add(answer(command, id)) }
    // It reads images and computes, and the screen must not wait.
    work.async { [self] in add(answerer(command, id) ?? .refused(id, refusal)) }
  }

  private func add(_ answer: EngineEvent) { answers.withLock { $0.waiting.append(answer) } }

  private func answer(_ command: EngineCommand, _ id: CommandID) -> EngineEvent {
    guard case .points(let request) = command else { return .refused(id, refusal) }
    do {
      return .stretch(id, request, try points(request))
    } catch {
      return .refused(id, "\(error)")
    }
  }

  package func snapshot() -> Snapshot { standing }

  package func events(after cursor: EventCursor) -> EventBatch {
    let new = Array(events.dropFirst(max(0, cursor.eventCount))) + takeAnswers(after: cursor.eventCount - events.count)
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

  private func takeAnswers(after count: Int) -> [EngineEvent] {
    answers.withLock { answers in
      let new = answers.waiting.dropFirst(max(0, count - answers.read))
      if count > answers.read {
        answers.waiting.removeFirst(min(answers.waiting.count, count - answers.read))
        answers.read = count
      }
      return Array(new)
    }
  }

  // What the run's record says about the machine: “cores”, “memory” in GiB, “processor”.
  private static func machine(_ environment: [String: String]) -> MachineState? {
    guard let cores = environment["cores"].flatMap({ Int($0) }) else { return nil }
    let memory = (environment["memory"]?.split(separator: " ").first).flatMap { Int($0) }
    return MachineState(
      processor: environment["processor"], cores: cores,
      memoryBytes: memory.flatMap { (0..<(1 << 30)).contains($0) ? $0 << 30 : nil })
  }

  private static func snapshot(of history: RunHistory, bytes: Int) -> Snapshot {
    let lanes = history.lanes.map { lane in
      var standing =
        history.snapshots.first { $0.name == lane.name }
        // Interrupted before the lane's state was recorded.
        ?? LaneSnapshot(name: lane.name, epochs: 1, stepsPerEpoch: 1, hyperparameters: [])
      if !standing.state.hasEnded { standing.state = .stopped }
      return standing
    }
    var phase = Snapshot.Phase.finished
    if lanes.isEmpty, case .failed(let words, _)? = history.events.last?.event { phase = .failed(words) }
    return Snapshot(
      phase: phase, seconds: lanes.map(\.seconds).max() ?? 0, lanes: lanes,
      storage: Snapshot.Storage(bytes: bytes), machine: machine(history.environment))
  }
}
