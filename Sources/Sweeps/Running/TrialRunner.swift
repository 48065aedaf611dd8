package import EngineProtocol
import Foundation
import RunStore
package import Training

/// Trains one trial of a sweep with an engine in this process, until its end, a rung of halving, or a request to stop.
package final class TrialRunner {
  /// How the training of a trial has ended in this process.
  package enum Outcome: Hashable, Sendable {
    /// The trial needs no more training.
    case ended(TrialRecord.State)
    /// It has reached the epoch that it was started for.
    case held
    /// A checkpoint was written, from which it goes on later.
    case suspended
  }

  private let directory: SweepDirectory
  private let trial: SweepTrial
  private let target: Int?
  private let engine: LocalEngine
  private let claim: SweepClaim
  private let folder: String
  private var record: TrialRecord
  private var packedBytes: [String: Int] = [:]
  private var laneNames: [String] = []
  private var cursor = EventCursor.withoutPoints
  private var isSuspending = false
  private var isStopping = false
  private var checkedStop = ContinuousClock.now - .seconds(60)

  /// Called with each event of the training.
  package var tell: (EngineEvent) -> Void = { _ in }

  /// Takes the claim of a trial.
  /// - Parameter target: the epoch up to which it is trained; nil for all.
  /// - Throws: `SweepError.claimed` if another process trains it; `StoreError`.
  package init(_ directory: SweepDirectory, _ trial: SweepTrial, target: Int?, engine: LocalEngine) throws {
    (self.directory, self.trial, self.engine) = (directory, trial, engine)
    self.target = target.flatMap { $0 < directory.definition.epochs(of: trial) ? $0 : nil }
    folder = directory.folder(of: trial.number)
    claim = try SweepClaim.take(folder, of: "trial \(trial.number)")
    do {
      // Read after the claim was taken: before, another process may have trained it.
      record = try TrialRecord.read(in: folder) ?? TrialRecord(trial: trial.number)
    } catch {
      claim.release()
      throw error
    }
  }

  /// Trains the trial.
  /// - Parameter isAskedToStop: whether the process is to write a checkpoint and end; called repeatedly.
  /// - Throws: `SweepError.notTrained` with the engine's reason; `SweepError.claimed` if the claim was lost; `StoreError`.
  package func run(isAskedToStop: () -> Bool) throws -> Outcome {
    defer { claim.release() }
    if record.hasEnded { return .ended(record.state) }
    if directory.isToStop(trial: trial.number) {
      record.state = .stopped
      try record.write(in: folder)
      return .ended(.stopped)
    }
    if let target, record.epochsDone >= target { return .held }
    if directory.isToStop { return .suspended }
    let command = try command()
    record.target = target
    record.starts += 1
    record.host = ProcessInfo.processInfo.hostName
    try record.write(in: folder)
    engine.send(command)
    let outcome: Outcome?
    do {
      outcome = try follow(isAskedToStop)
    } catch {
      // Not the claim of this process any more: leave the run as soon as possible.
      engine.send(.suspend)
      _ = engine.close()
      try directory.checkIsThere()
      throw error
    }
    // The run must be whole on disk before the record says so.
    if let problem = engine.close() {
      throw SweepError(.notTrained, "trial \(trial.number): the end of its run was not recorded: \(problem)")
    }
    guard claim.isHeld else { throw SweepError(.claimed, "\(claim.path): the claim was lost to another process") }
    if case .ended(let state) = outcome { record.state = state }
    try record.write(in: folder)
    return outcome ?? .suspended
  }

  // What the engine is told: to go on with the trial's run, or to begin it.
  private func command() throws -> EngineCommand {
    let run = directory.run(of: trial.number)
    guard FileManager.default.fileExists(atPath: run) else { return .start(directory.request(for: trial)) }
    do {
      let history = try RunArchive.outline(of: run, points: false)
      if !history.lineage.lanes.isEmpty { return .reopen(directory: run) }
    } catch let error as StoreError where error.code == .notFound || error.code == .damaged {
      if error.code == .damaged { try setAside(run, error) }
    }
    // Its process was killed before training began: nothing is lost.
    if FileManager.default.fileExists(atPath: run) { try FileManager.default.removeItem(atPath: run) }
    return .start(directory.request(for: trial))
  }

  // A broken run is kept for a look at it, and the trial starts again.
  private func setAside(_ run: String, _ error: StoreError) throws {
    var number = 1
    while FileManager.default.fileExists(atPath: "\(run)-broken-\(number)") { number += 1 }
    guard rename(run, "\(run)-broken-\(number)") == 0 else { throw StoreError(errno: errno, path: run) }
    record = TrialRecord(trial: trial.number)
    tell(
      .health(
        HealthReport(
          .warning,
          "trial \(trial.number) starts again, because its run can't be read (kept as \(run)-broken-\(number)): \(error.message)",
          time: Date().timeIntervalSince1970)))
  }

  private func follow(_ isAskedToStop: () -> Bool) throws -> Outcome? {
    while true {
      // Before the events are read, so that none of a suspended engine is missed.
      let isSuspended = engine.isSuspended
      let batch = engine.events(after: cursor)
      cursor = batch.cursor
      var hasEpoch = false
      for event in batch.events {
        tell(event)
        switch event {
        case .started(let run): begin(run)
        case .epoch(let report):
          record.add(report)
          hasEpoch = true
        case .laneEnded(let result): record.add(result, packedBytes: packedBytes[result.lane])
        case .finished: return .ended(endedState)
        case .failed(let message, _), .engineLost(let message):
          throw SweepError(.notTrained, "trial \(trial.number): \(message)")
        default: break
        }
      }
      try claim.renew()
      if hasEpoch { try record.write(in: folder) }
      if isSuspended { return suspendedOutcome }
      let hasReached =
        target.map { target in !laneNames.isEmpty && record.epochsDone >= target && hasAllLanes } ?? false
      let looks = isTimeToLook
      if !isSuspending, hasReached || isAskedToStop() || looks && directory.isToStop {
        isSuspending = true
        engine.send(.suspend)
      }
      if !isSuspending, !isStopping, looks, !laneNames.isEmpty, directory.isToStop(trial: trial.number) {
        isStopping = true
        engine.send(.stop(.all))
      }
      Thread.sleep(forTimeInterval: 0.02)
    }
  }

  private func begin(_ run: RunDescription) {
    laneNames = run.lanes.map(\.name)
    packedBytes = Dictionary(run.lanes.map { ($0.name, $0.packedBytes) }) { first, _ in first }
    // The lanes wait at the end of this epoch.
    if let target { engine.send(.runToEpoch(target, .all)) }
  }

  private var hasAllLanes: Bool { laneNames.allSatisfy { record.epochs[$0] != nil } }

  private var suspendedOutcome: Outcome? {
    if !laneNames.isEmpty, laneNames.allSatisfy({ name in record.lanes.contains { $0.lane == name } }) {
      return .ended(endedState)
    }
    return target.map { record.epochsDone >= $0 } == true ? .held : .suspended
  }

  private var endedState: TrialRecord.State {
    if record.lanes.contains(where: { $0.failure != nil }) { return .failed }
    return record.lanes.contains(where: \.wasStopped) ? .stopped : .finished
  }

  // Requests are looked for every few seconds, to spare a file server.
  private var isTimeToLook: Bool {
    guard ContinuousClock.now - checkedStop > .seconds(2) else { return false }
    checkedStop = .now
    return true
  }
}
