import EngineProtocol
import EngineService
import Foundation
import Training

/// A short connection to an engine in another process: a command and its answers.
struct Conversation {
  /// The engine.
  let engine: RemoteEngine

  /// Connects to the engine of a run.
  /// - Parameters:
  ///   - run: the run's name, a part of it, its directory or the engine's process ID; nil for the only one.
  ///   - name: the activity, for the journal.
  ///   - history: whether to receive past events.
  /// - Throws: `ServiceError`.
  init(run: String?, name: String, history: Bool = false) throws {
    let info = try EngineDirectory.find(run)
    engine = try RemoteEngine.connect(path: info.path, name: ClientName.of(name), points: .none, history: history)
    if let note = engine.versionNote { try? StandardStream.error.print(note) }
    try engine.waitForHistory()
  }

  /// The run for display: its name, or the process ID if it is not recorded.
  var runName: String { engine.runID.isEmpty ? "process \(engine.process)" : engine.runID }

  /// Sends a command and prints its result for each lane.
  /// - Throws: `TrainingError` if no lane has answered, or one has refused.
  func carryOut(_ command: EngineCommand) throws {
    var refusals: [String] = []
    let answers = try answers(to: command) { event in
      switch event {
      case .applied(_, let entry):
        let fault = entry.unrecorded.map { "; not saved yet: \($0)" } ?? ""
        try StandardStream.output.print("\(entry.lane) at step \(entry.step): \(entry.change.words)\(fault)")
      case .refused(_, let reason): refusals.append(reason)
      default: break
      }
      return false
    }
    if answers == 0 {
      let fault = engine.snapshot().storage?.problem.map { ": \($0)" } ?? ""
      throw TrainingError("\(runName): expected an answer within 15 s, found none\(fault)")
    }
    if !refusals.isEmpty { throw TrainingError("refused: \(refusals.joined(separator: "; "))") }
  }

  /// Requests a checkpoint of every lane that is training, and prints them.
  /// - Throws: `TrainingError` if a lane has no checkpoint of the step at which it was requested.
  func saveCheckpoints() throws {
    var known: [Checkpoint] = []
    for case .checkpointed(let checkpoint) in engine.events(after: EventCursor()).events { known.append(checkpoint) }
    let asked = engine.snapshot().lanes.filter { !$0.state.hasEnded }
    var open = Set(asked.map(\.name))
    var refusals: [String] = []
    func tell(_ checkpoint: Checkpoint, _ words: String) throws {
      open.remove(checkpoint.lane)
      try StandardStream.output.print("\(checkpoint.lane): \(words) at step \(checkpoint.step)")
    }
    try answers(to: .checkpoint(.all)) { event in
      switch event {
      case .checkpointed(let checkpoint):
        if open.contains(checkpoint.lane) { try tell(checkpoint, "checkpoint") }
      case .refused(_, let reason):
        refusals.append(reason)
        // A lane at the step of its newest checkpoint needs no other.
        for lane in asked where open.contains(lane.name) {
          let there = known.last { $0.lane == lane.name && $0.branch == lane.branch && $0.step >= lane.step }
          if let there { try tell(there, "has a checkpoint already,") }
        }
        open.subtract(engine.snapshot().lanes.filter(\.state.hasEnded).map(\.name))
        if engine.directory == nil { return true }
      default: break
      }
      return open.isEmpty
    }
    if asked.isEmpty || !open.isEmpty {
      let lanes = open.isEmpty ? "any lane" : open.sorted().joined(separator: ", ")
      let reasons = refusals.isEmpty ? "expected one within 15 s, found none" : refusals.joined(separator: "; ")
      throw TrainingError("no checkpoint of \(lanes): \(reasons)")
    }
  }

  // Sends a command and calls `body` with the messages after it, until no more arrive or `body` stops.
  @discardableResult
  private func answers(to command: EngineCommand, _ body: (EngineEvent) throws -> Bool) throws -> Int {
    var cursor = engine.events(after: EventCursor()).cursor
    let id = engine.send(command)
    var answers = 0
    var last = Date()
    // Each lane answers separately, and a checkpoint is written after that.
    while Date().timeIntervalSince(last) < (answers == 0 || command.asksForCheckpoint ? 15 : 0.3) {
      let batch = engine.events(after: cursor)
      cursor = batch.cursor
      for event in batch.events {
        switch event {
        case .applied(id, _), .refused(id, _): break
        case .checkpointed where command.asksForCheckpoint: break
        case .engineLost(let reason): throw TrainingError(reason)
        default: continue
        }
        answers += 1
        last = Date()
        if try body(event) { return answers }
      }
      Thread.sleep(forTimeInterval: 0.01)
    }
    return answers
  }

  /// Suspends the run, and waits until its engine has ended and the run is unlocked.
  /// - Throws: `TrainingError` if the run is not recorded, or the engine was lost.
  func suspend() throws {
    guard engine.directory != nil else {
      throw TrainingError("\(runName) is not recorded, so it can be stopped but not suspended")
    }
    engine.send(.suspend)
    while isAlive(engine.process) { Thread.sleep(forTimeInterval: 0.02) }
    if engine.goodbye == nil { throw TrainingError("the engine died before it was suspended") }
  }

  // Returns whether a process is alive, and not a zombie.
  private func isAlive(_ process: Int32) -> Bool {
    guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return false }
    // “pid (name) state …”: the name may contain spaces and brackets.
    return text.split(separator: ")").last?.split(separator: " ").first != "Z"
  }

  /// Stops the lanes that are still training, and waits for their results.
  /// - Throws: `TrainingError` if the engine is lost.
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
        // The last results precede the snapshot with the final state.
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

/// The name of this process in a run's journal.
enum ClientName {
  /// “signflip set (process 4242)”.
  static func of(_ command: String) -> String { "signflip \(command) (process \(getpid()))" }
}

/// `[lane.]key=value` as typed by the user, for a running training.
struct HyperparameterChange {
  /// The lane; nil for all that have the hyperparameter.
  let lane: String?
  /// The hyperparameter and its new value.
  let setting: HyperparameterSetting

  /// Parses `text`.
  /// - Throws: `TrainingError` with what was expected and found; `InvalidHyperparameterValue`.
  init(_ text: String) throws {
    let parts = text.split(separator: "=", maxSplits: 1)
    let place = parts.first?.split(separator: ".", omittingEmptySubsequences: false) ?? []
    guard parts.count == 2, (1...2).contains(place.count), let key = place.last else {
      throw TrainingError("expected [lane.]key=value, found “\(text)”")
    }
    let known = LaneKey.shownKnobs.map(\.name)
    guard known.contains(String(key)), let hyperparameter = Hyperparameter(rawValue: String(key)) else {
      throw TrainingError(
        "\(text): expected one of \(known.joined(separator: ", ")), found “\(key)”"
          + NearestName.question(String(key), among: known))
    }
    lane = place.count == 2 ? String(place[0]) : nil
    setting = HyperparameterSetting(hyperparameter, try hyperparameter.parse(String(parts[1])))
  }

  /// The command that makes the change.
  var command: EngineCommand { .set(setting.hyperparameter, setting.value, lane.map { .lane($0) } ?? .all) }
}
