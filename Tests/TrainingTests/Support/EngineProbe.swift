import EngineProtocol
import Foundation
import Testing
import Training
import TrainingMetrics

/// An engine, and all its messages so far.
final class EngineProbe {
  let engine = LocalEngine(environment: [:], processors: 2)
  private(set) var events: [EngineEvent] = []
  private var cursor = EventCursor()

  /// Reads new messages.
  func poll() {
    let batch = engine.events(after: cursor)
    cursor = batch.cursor
    events += batch.events
  }

  /// Waits for an event that `matches`; nil after a timeout that is longer than any correct run.
  @discardableResult
  func wait(for what: String, _ matches: (EngineEvent) -> Bool) -> EngineEvent? {
    let deadline = Date().addingTimeInterval(300)
    while Date() < deadline {
      poll()
      if let found = events.first(where: matches) { return found }
      Thread.sleep(forTimeInterval: 0.002)
    }
    Issue.record("\(what) did not come")
    return nil
  }

  /// Waits for the end of the run and returns the lanes' results by name.
  func finish() -> [String: LaneResult] {
    wait(for: "the end") { event in
      switch event {
      case .finished, .failed: true
      default: false
      }
    }
    var results: [String: LaneResult] = [:]
    for case .laneEnded(let result) in events { results[result.lane] = result }
    return results
  }

  /// The answer to a command: the journal's entry, or the reason of a refusal.
  func answer(to id: CommandID) -> Result<JournalEntry, Refusal> {
    let event = wait(for: "the answer to command \(id.rawValue)") { event in
      switch event {
      case .applied(id, _), .refused(id, _): true
      default: false
      }
    }
    switch event {
    case .applied(_, let entry): return .success(entry)
    case .refused(_, let reason): return .failure(Refusal(reason: reason))
    default: return .failure(Refusal(reason: "no answer"))
    }
  }

  struct Refusal: Error { let reason: String }

  /// The points of a lane's series so far.
  func points(_ lane: String, _ key: MetricKey) -> [MetricPoint] {
    events.flatMap { event in
      if case .points(lane, 1, key, let points) = event { points } else { [] as [MetricPoint] }
    }
  }

  /// The journal of a lane so far.
  func journal(_ lane: String) -> [JournalEntry] {
    events.compactMap { event in
      if case .applied(_, let entry) = event, entry.lane == lane { entry } else { nil }
    }
  }
}
