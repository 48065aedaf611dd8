import ArgumentParser
import Datasets
import EngineService
import Foundation
import Sweeps
import Training

struct SweepTrainTrial: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trial", abstract: "Train one trial of a sweep, as a worker does.",
    discussion: """
      Goes on from the trial's checkpoint, if it has one. SIGTERM, and SIGUSR1 as Slurm sends it before a time limit, let \
      it write a checkpoint and end with exit status \(WorkerPool.suspendedStatus). If another process trains the trial, the status is \
      \(WorkerPool.claimedStatus).
      """)

  @OptionGroup var sweep: SweepArgument

  @Argument(help: "The trial's number.")
  var number: Int

  @Option(help: ArgumentHelp("Stop after this many epochs, until halving lets it go on.", valueName: "epochs"))
  var until: Int?

  @Flag(help: "Ask Slurm to start the task again after SIGUSR1.")
  var slurm = false

  func run() throws {
    let requests = StopRequests()
    let directory = try sweep.open()
    let trial = try directory.trial(number)
    do {
      guard try TrialTraining.train(directory, trial, until: until, requests) == .suspended else { return }
    } catch let error as SweepError where error.code == .claimed {
      try StandardStream.error.print(error.message)
      throw ExitCode(WorkerPool.claimedStatus)
    }
    if slurm { requests.requeue() }
    throw ExitCode(WorkerPool.suspendedStatus)
  }
}

struct SweepWork: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worker", abstract: "Train trials of a sweep until none is left, beside other workers.",
    discussion: """
      Workers may run on all machines that share the sweep's folder. Each trains the trial that is due, one after another; \
      two never train the same one. Signals act as for “sweep trial”.
      """)

  @OptionGroup var sweep: SweepArgument

  @Flag(help: "Ask Slurm to start the task again after SIGUSR1.")
  var slurm = false

  func run() throws {
    let requests = StopRequests()
    let directory = try sweep.open()
    guard !directory.isToStop else {
      try StandardStream.error.print("the sweep is stopped; “signflip sweep resume \(directory.path)” goes on")
      throw ExitCode(WorkerPool.suspendedStatus)
    }
    let worker = SweepWorker(directory) { trial, target in
      do {
        return try TrialTraining.train(directory, trial, until: target, requests)
      } catch let error as SweepError where error.code == .notTrained {
        try StandardStream.error.print(error.message)
        throw error
      }
    }
    switch try worker.run(isAskedToStop: requests.isAsked) {
    case .end(.done): return
    case .end(.budget): try StandardStream.error.print("the budget is spent; the other trials are not trained")
    case .suspended:
      if slurm { requests.requeue() }
      throw ExitCode(WorkerPool.suspendedStatus)
    case .problems(let count):
      try StandardStream.error.print(
        "\(count) trials one after another could not be trained; “signflip sweep worker \(directory.path)” tries again")
      throw ExitCode.failure
    }
  }
}

/// Signals that ask a trial to write a checkpoint and to end.
private final class StopRequests {
  private let (interrupts, timeLimit) = (InterruptFlag(), InterruptFlag(SIGUSR1))
  private var (wasAsked, isOutOfTime) = (false, false)

  /// Whether a signal came.
  func isAsked() -> Bool {
    if timeLimit.takeNew() { isOutOfTime = true }
    if interrupts.takeNew() { wasAsked = true }
    return wasAsked || isOutOfTime
  }

  /// Asks Slurm to start this task again, if it has no time left.
  func requeue() { if isOutOfTime { SlurmArray.requeueThisTask() } }
}

/// The training of a trial in this process, with its course on standard error.
private enum TrialTraining {
  /// Trains a trial.
  /// - Throws: `SweepError`, `StoreError`.
  static func train(
    _ directory: SweepDirectory, _ trial: SweepTrial, until target: Int?, _ requests: StopRequests
  ) throws -> TrialRunner.Outcome {
    let engine = LocalEngine.forTrial()
    var output = HeadlessOutput(writesJSON: false)
    let runner = try TrialRunner(directory, trial, target: target, engine: engine)
    let server = HeadlessRun.serve(engine, &output)
    defer { server?.stop() }
    output.note("trial \(trial.number): \(trial.words)")
    runner.tell = { output.write($0) }
    let outcome = try runner.run(isAskedToStop: requests.isAsked)
    switch outcome {
    case .ended(let state): output.note("trial \(trial.number): \(state.rawValue)")
    case .held: output.note("trial \(trial.number): held at epoch \(target ?? 0)")
    case .suspended: output.note("trial \(trial.number): suspended")
    }
    return outcome
  }
}

extension LocalEngine {
  /// An engine that trains a trial. All trials on this machine need the same images, so they are read once. A trial uses the
  /// cores it was given and no others, since those train other trials.
  static func forTrial() -> LocalEngine {
    let prepared = [PreparedDatasets.variable: PreparedDatasets.standardFolder]
    return LocalEngine(
      environment: ProcessInfo.processInfo.environment.merging(prepared) { given, _ in given },
      assemblesAhead: false, program: Signflip.version)
  }
}
