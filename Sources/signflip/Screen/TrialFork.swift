import EngineProtocol
import EngineService
import Foundation
import RunStore
import Sweeps

/// Forks a trial of a sweep: copies its run to the folder of runs, and trains a new lane from one of its checkpoints there.
/// The trial itself stays as it is.
enum TrialFork {
  /// Forks a trial.
  /// - Parameter line: `[@STEP] [LANE.]KEY=VALUE ...`: the checkpoint, by default the first one, and the new lane's changes.
  /// - Returns: where it went.
  /// - Throws: `TrainingError`, `StoreError`, `ServiceError` if it was not forked.
  static func make(of trial: SweepTrial, in sweep: SweepDirectory, _ line: String) throws -> String {
    guard SweepClaim.holder(of: sweep.folder(of: trial.number)) == nil else {
      throw TrainingError("trial \(trial.number) is training: open it, and fork it there")
    }
    var words = line.split(separator: " ").map(String.init)
    var step: Int?
    if let first = words.first, first.hasPrefix("@") {
      guard let number = Int(first.dropFirst()) else { throw TrainingError("expected @STEP, found “\(first)”") }
      step = number
      words.removeFirst()
    }
    let changes = try words.map(HyperparameterChange.init)
    let lanes = Set(changes.compactMap(\.lane))
    guard lanes.count <= 1 else {
      throw TrainingError("expected changes of one lane, found \(lanes.sorted().joined(separator: ", "))")
    }
    let lane = lanes.first ?? sweep.definition.objective.lane
    let run = sweep.run(of: trial.number)
    let checkpoints = try RunArchive.outline(of: run, points: false).checkpoints.filter { $0.lane == lane }
    guard let checkpoint = step.map({ step in checkpoints.last { $0.step == step } }) ?? checkpoints.first else {
      let steps = checkpoints.map { "\($0.step)" }.joined(separator: ", ")
      throw TrainingError(
        "\(run): expected a checkpoint of \(lane)\(step.map { " at step \($0)" } ?? ""), found "
          + (steps.isEmpty ? "none" : "those of the steps \(steps)"))
    }
    let copy = try copy(run, named: "\(sweep.definition.name)-\(SweepDirectory.runName(of: trial.number))-fork")
    let request = ForkRequest(
      lane: lane, branch: checkpoint.branch, step: checkpoint.step, settings: changes.map(\.setting))
    let forked: String
    do {
      let engine = try EngineStart.engine(.reopen(directory: copy), name: "fork")
      defer { engine.close() }
      forked = try fork(request, engine)
    } catch {
      try? FileManager.default.removeItem(atPath: copy)
      throw error
    }
    let name = URL(filePath: copy).lastPathComponent
    return "lane \(forked) of the run \(name), a copy, trains from step \(checkpoint.step): signflip attach \(name)"
  }

  // The copy's name has a number if there is such a run already.
  private static func copy(_ run: String, named name: String) throws -> String {
    let folder = RunsFolder.standard(environment: ProcessInfo.processInfo.environment)
    let files = FileManager.default
    var path = "\(folder)/\(name)"
    var number = 1
    while files.fileExists(atPath: path) {
      number += 1
      path = "\(folder)/\(name)-\(number)"
    }
    do {
      try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try files.copyItem(atPath: run, toPath: path)
    } catch {
      throw StoreError(error, path: path)
    }
    return path
  }

  // Returns the new lane's name.
  private static func fork(_ request: ForkRequest, _ engine: RemoteEngine) throws -> String {
    let deadline = Date(timeIntervalSinceNow: 30)
    // Before the run is open there is nothing to fork.
    loop: while Date() < deadline {
      switch engine.snapshot().phase {
      case .training, .finished: break loop
      case .failed(let message): throw TrainingError(message)
      case .idle, .preparing: Thread.sleep(forTimeInterval: 0.02)
      }
    }
    var cursor = engine.events(after: EventCursor.withoutPoints).cursor
    let id = engine.send(.fork(request))
    while Date() < deadline {
      let batch = engine.events(after: cursor)
      cursor = batch.cursor
      for event in batch.events {
        switch event {
        case .applied(id, let entry): if case .forked(let lane) = entry.change { return lane }
        case .refused(id, let reason): throw TrainingError("not forked: \(reason)")
        case .engineLost(let reason): throw TrainingError(reason)
        default: continue
        }
      }
      Thread.sleep(forTimeInterval: 0.02)
    }
    throw TrainingError("not forked: expected an answer of the engine within 30 s")
  }
}
