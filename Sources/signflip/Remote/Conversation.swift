import EngineProtocol
import EngineService
import Foundation

/// A short talk with an engine in another process: a command, and its answers.
struct Conversation {
  /// The engine.
  let engine: RemoteEngine

  /// Talks to the engine that has a run.
  /// - Parameters:
  ///   - run: the run's name, a part of it, its directory or the engine's process; nil for the only one.
  ///   - name: what is done, for the journal.
  ///   - history: whether to hear of what happened before.
  /// - Throws: `ServiceError`.
  init(run: String?, name: String, history: Bool = false) throws {
    let info = try EngineDirectory.find(run)
    engine = try RemoteEngine.connect(path: info.path, name: ClientName.of(name), points: .none, history: history)
    if let note = engine.versionNote { try? StandardStream.error.print(note) }
    try engine.waitForHistory()
  }

  /// How the run is called: by its name, or its process where it is not recorded.
  var runName: String { engine.runID.isEmpty ? "process \(engine.process)" : engine.runID }

  /// Sends a command and prints what became of it, lane by lane.
  /// - Throws: `TrainingError` where it was refused or not answered.
  func carryOut(_ command: EngineCommand) throws {
    var cursor = engine.events(after: EventCursor()).cursor
    let id = engine.send(command)
    var answers = 0
    var last = Date()
    // Each lane that a command speaks to answers by itself.
    while Date().timeIntervalSince(last) < (answers == 0 ? 15 : 0.3) {
      let batch = engine.events(after: cursor)
      cursor = batch.cursor
      for event in batch.events {
        switch event {
        case .applied(id, let entry):
          try StandardStream.output.print("\(entry.lane) at step \(entry.step): \(entry.change.words)")
        case .refused(id, let reason): throw TrainingError("refused: \(reason)")
        case .checkpointed(let checkpoint) where command.asksForCheckpoint:
          try StandardStream.output.print("\(checkpoint.lane): checkpoint at step \(checkpoint.step)")
        case .engineLost(let reason): throw TrainingError(reason)
        default: continue
        }
        answers += 1
        last = Date()
      }
      Thread.sleep(forTimeInterval: 0.01)
    }
    if answers == 0 { throw TrainingError("\(runName): expected an answer within 15 s, found none") }
  }

  /// Puts the run aside, and waits until its engine has ended and nothing holds the run any more.
  /// - Throws: `TrainingError` where the run is not recorded, or the engine was lost.
  func suspend() throws {
    guard engine.directory != nil else {
      throw TrainingError("\(runName) is not recorded: it can be stopped, not suspended")
    }
    engine.send(.suspend)
    while isAlive(engine.process) { Thread.sleep(forTimeInterval: 0.02) }
    if engine.goodbye == nil { throw TrainingError("the engine has died before it was suspended") }
  }

  // Not one that has ended and waits for its parent to notice.
  private func isAlive(_ process: Int32) -> Bool {
    guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return false }
    // “pid (name) state …”: a name may have spaces and brackets.
    return text.split(separator: ")").last?.split(separator: " ").first != "Z"
  }

  /// Ends the lanes that still train, and waits for what they have come to.
  /// - Throws: `TrainingError` where the engine is lost.
  func stop() throws -> [LaneResult] {
    var results: [String: LaneResult] = [:]
    var cursor = EventCursor()
    engine.send(.stop(.all))
    while true {
      let batch = engine.events(after: cursor)
      cursor = batch.cursor
      for event in batch.events {
        switch event {
        case .laneEnded(let result): results[result.lane] = result
        case .engineLost(let reason): throw TrainingError(reason)
        default: break
        }
      }
      let snapshot = engine.snapshot()
      switch snapshot.phase {
      case .idle, .finished, .failed:
        // The last results come before the snapshot that says so.
        if batch.events.isEmpty { return snapshot.lanes.compactMap { results[$0.name] } }
      case .preparing, .training: break
      }
      guard engine.isConnected else { return snapshot.lanes.compactMap { results[$0.name] } }
      Thread.sleep(forTimeInterval: 0.02)
    }
  }
}

extension EngineCommand {
  fileprivate var asksForCheckpoint: Bool { if case .checkpoint = self { true } else { false } }
}
