import EngineProtocol
import Foundation
import RunStore

/// Trains the trials of a sweep with processes of this program on this machine, a number of them at a time.
///
/// The pool keeps nothing that the directory does not have: if it is killed, its trials go on, and the next pool finds them.
package final class WorkerPool {
  /// Something to tell the user.
  package enum Notice: Sendable {
    /// A trial was started, or goes on.
    case began(SweepTrial)
    /// A process of a trial has ended.
    case ended(SweepSurvey.Standing)
    /// A trial could not be trained; the reason.
    case problem(SweepTrial, String)
  }

  private final class Worker {
    let process = Process()
    let trial: SweepTrial

    init(_ trial: SweepTrial) { self.trial = trial }
  }

  // EX_TEMPFAIL and EX_CANTCREAT: the trial goes on later; another process has it.
  package static let suspendedStatus: Int32 = 75
  package static let claimedStatus: Int32 = 73

  /// Where the trials stand.
  package private(set) var survey: SweepSurvey
  /// Called with what happens.
  package var tell: (Notice) -> Void = { _ in }

  private let directory: SweepDirectory
  private let workerCount: Int
  private let claim: SweepClaim
  private let scheduler: SweepScheduler
  private var workers: [Worker] = []
  // Trials that could not be trained, or that another process has.
  private var excluded: Set<Int> = []
  private var problems = 0
  private var refreshed = ContinuousClock.now
  private var indexed = ContinuousClock.now - .seconds(60)
  private var indexCost = Duration.zero

  /// Takes the control of a sweep.
  /// - Throws: `SweepError.claimed` if another process controls it; `StoreError`.
  package init(_ directory: SweepDirectory, workers: Int) throws {
    (self.directory, workerCount) = (directory, workers)
    scheduler = SweepScheduler(directory.definition)
    claim = try directory.takeControl()
    do {
      survey = try SweepSurvey(directory)
    } catch {
      claim.release()
      throw error
    }
    directory.allowToRun()
  }

  /// How a pool has ended.
  package enum Outcome: Sendable {
    /// There is nothing left to do, for the reason.
    case end(SweepScheduler.End)
    /// It was asked to stop.
    case stopped
    /// Trials could not be trained, the number of them.
    case problems(Int)
  }

  /// Trains until nothing is left, or until it is asked to stop; then the trials write checkpoints.
  /// - Parameters:
  ///   - isAskedToStop: called about ten times a second.
  ///   - show: called about ten times a second, to show the progress.
  /// - Throws: `SweepError`, `StoreError`.
  package func run(isAskedToStop: () -> Bool, show: (WorkerPool) -> Void) throws -> Outcome {
    defer { claim.release() }
    do {
      return try train(isAskedToStop: isAskedToStop, show: show)
    } catch {
      // A folder that is gone is the cause of many errors.
      try directory.checkIsThere()
      throw error
    }
  }

  private func train(isAskedToStop: () -> Bool, show: (WorkerPool) -> Void) throws -> Outcome {
    var isStopping = false
    while true {
      try collect()
      try claim.renew()
      if !isStopping, isAskedToStop() || directory.isToStop {
        isStopping = true
        for worker in workers where worker.process.isRunning { worker.process.terminate() }
      }
      if isStopping {
        if workers.isEmpty { break }
      } else if try !fill() {
        try writeIndex(isLast: true)
        if problems > 0 { return .problems(problems) }
        if case .end(let end) = scheduler.next(survey) { return .end(end) }
        // What is left is trained by other processes that are not of this pool.
        return .end(.done)
      }
      show(self)
      try writeIndex(isLast: false)
      Thread.sleep(forTimeInterval: 0.05)
    }
    try writeIndex(isLast: true)
    return .stopped
  }

  // Trials that a process trains on this machine, of this pool or left by an earlier one.
  private var busy: Int {
    let own = Set(workers.map(\.trial.number))
    let left = survey.standings.filter { standing in
      standing.state == .training && !own.contains(standing.trial.number) && standing.holder?.isOfThisMachine == true
    }
    return own.count + left.count
  }

  // Starts trials while workers are free. Returns false if nothing is left to do.
  private func fill() throws -> Bool {
    while busy < workerCount {
      // A disk that is full, or a program that is gone, fails every trial.
      guard problems < 3 else { return !workers.isEmpty }
      switch scheduler.next(survey, excluding: excluded) {
      case .train(let number, let epochs):
        // A user may have stopped it since.
        try survey.refresh(number)
        if survey.standings[number - 1].record?.hasEnded != true { try start(try directory.trial(number), epochs) }
      case .wait: return true
      case .end: return !workers.isEmpty || busy > 0
      }
    }
    return true
  }

  private func start(_ trial: SweepTrial, _ epochs: Int?) throws {
    try directory.checkIsThere()
    let worker = Worker(trial)
    let folder = directory.folder(of: trial.number)
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw StoreError(error, path: folder)
    }
    let log = folder + "/log"
    let descriptor = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw StoreError(errno: errno, path: log) }
    // If the program's file was replaced, the link still works.
    worker.process.executableURL = URL(filePath: "/proc/self/exe")
    worker.process.arguments =
      ["sweep", "trial", directory.path, "\(trial.number)"] + (epochs.map { ["--until", "\($0)"] } ?? [])
    worker.process.standardInput = FileHandle.nullDevice
    worker.process.standardOutput = FileHandle.nullDevice
    worker.process.standardError = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    do {
      try worker.process.run()
    } catch {
      throw SweepError(.notTrained, "the program can't be started for trial \(trial.number): \(error)")
    }
    workers.append(worker)
    survey.begin(trial.number)
    tell(.began(trial))
  }

  // Takes leave of processes that have ended, and looks after trials of others from time to time.
  private func collect() throws {
    for worker in workers where !worker.process.isRunning {
      try directory.checkIsThere()
      let (trial, status) = (worker.trial, worker.process.terminationStatus)
      try survey.refresh(trial.number)
      let standing = survey.standings[trial.number - 1]
      let wasKilled = worker.process.terminationReason == .uncaughtSignal
      if wasKilled || ![0, Self.suspendedStatus, Self.claimedStatus].contains(status),
        !(standing.record?.hasEnded ?? false)
      {
        excluded.insert(trial.number)
        problems += 1
        tell(.problem(trial, wasKilled ? "its process was killed by signal \(status)" : lastWords(trial)))
      } else {
        if status == Self.suspendedStatus { excluded.insert(trial.number) }
        problems = 0
        tell(.ended(standing))
      }
    }
    workers.removeAll { !$0.process.isRunning }
    guard ContinuousClock.now - refreshed > .seconds(1) else { return }
    refreshed = .now
    try survey.refreshOpen()
    for worker in workers where survey.standings[worker.trial.number - 1].holder == nil {
      survey.begin(worker.trial.number)
    }
  }

  private func lastWords(_ trial: SweepTrial) -> String {
    let log = directory.folder(of: trial.number) + "/log"
    let lines = FileManager.default.contents(atPath: log).map { String(decoding: $0.suffix(2000), as: UTF8.self) }
    return lines?.split(separator: "\n").last.map(String.init) ?? "\(log) says nothing"
  }

  // Costs at most a twentieth of the time.
  private func writeIndex(isLast: Bool) throws {
    let now = ContinuousClock.now
    guard isLast || now - indexed > max(.seconds(2), indexCost * 20) else { return }
    try SweepIndex.write(survey)
    (indexed, indexCost) = (.now, ContinuousClock.now - now)
  }
}
