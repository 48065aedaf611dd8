import ArgumentParser
import EngineProtocol
import Foundation
import Sweeps
import Training

struct Sweep: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train many runs over settings and seeds, on this machine or on a cluster.",
    discussion: """
      A sweep is a YAML file: an experiment, and what varies under “sweep”. “signflip sweep FILE” starts it, or goes on \
      with it after an interruption. “signflip sweep presets” lists the built-in ones. See the page Sweeps of the documentation.
      """,
    subcommands: [
      SweepRun.self, SweepCheck.self, SweepStatus.self, SweepAttach.self, SweepStop.self, SweepResume.self,
      SweepExport.self, SweepReport.self, SweepPresets.self, SweepTrainTrial.self, SweepWork.self,
    ],
    defaultSubcommand: SweepRun.self)
}

/// The directory of a sweep.
struct SweepArgument: ParsableArguments {
  @Argument(help: ArgumentHelp("The folder of the sweep.", valueName: "dir"), completion: .directory)
  var directory: String

  /// Opens the sweep.
  /// - Throws: `SweepError`, `ExperimentError`.
  func open() throws -> SweepDirectory { try SweepDirectory.open(directory) }
}

/// How many trials are trained at a time.
struct WorkerOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: """
      The number of trials trained at a time. (default: as many as the cores have threads for; with --slurm as many as \
      Slurm allows)
      """)
  var workers: Int?

  func validate() throws {
    if let workers, !(1...1024).contains(workers) {
      throw ValidationError("--workers: expected a whole number from 1 to 1024, found \(workers)")
    }
  }

  /// The number for a sweep on this machine.
  func count(for definition: SweepDefinition) -> Int {
    let threads = definition.threads * max(1, definition.experiment.lanes.count)
    return workers ?? max(1, ProcessInfo.processInfo.activeProcessorCount / threads)
  }
}

/// Whether and how a sweep is trained by Slurm.
struct SlurmOptions: ParsableArguments {
  @Flag(help: "Submit the trials to Slurm as a job array. The folder and the program must be on a shared file system.")
  var slurm = false

  @Option(help: ArgumentHelp("The partition of Slurm.", valueName: "name"))
  var partition: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("More options of sbatch, separated by spaces: “--time=60 --mem=4G”.", valueName: "options"))
  var sbatch: String?

  func validate() throws {
    guard slurm || (partition == nil && sbatch == nil) else {
      throw ValidationError("\(partition == nil ? "--sbatch" : "--partition"): expected --slurm beside it")
    }
  }
}

/// Trains a sweep on this machine, or submits it.
private func train(_ directory: SweepDirectory, _ workers: WorkerOptions, _ slurm: SlurmOptions) throws {
  guard slurm.slurm else {
    return try SweepSession(directory, workers: workers.count(for: directory.definition)).run()
  }
  // No other process starts trials while they are counted.
  let claim = try directory.takeControl()
  defer { claim.release() }
  let (scheduler, survey) = (SweepScheduler(directory.definition), try SweepSurvey(directory))
  let trials = scheduler.left(survey)
  if trials.isEmpty || scheduler.hasEnded(survey) {
    return try StandardStream.output.print("every trial has ended or is trained now")
  }
  directory.allowToRun()
  let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
  let options = (slurm.sbatch ?? "").split(separator: " ").map(String.init)
  var array = SlurmArray(program: program, partition: slurm.partition, options: options)
  array.workers = workers.workers
  if directory.definition.search == .halving {
    guard let count = workers.workers else {
      throw ValidationError("--slurm: expected --workers beside it with search: halving: the number of tasks")
    }
    let tasks = min(count, trials.count)
    let job = try array.submit(directory, workers: tasks)
    return try StandardStream.output.print(
      "\(tasks) worker\(tasks == 1 ? "" : "s") submitted as job \(job); "
        + "“signflip sweep status \(directory.path)” shows the trials")
  }
  let jobs = try array.submit(directory, trials: trials)
  try StandardStream.output.print(
    "\(trials.count) trial\(trials.count == 1 ? "" : "s") submitted as job\(jobs.count == 1 ? "" : "s") "
      + "\(jobs.joined(separator: ", ")); “signflip sweep status \(directory.path)” shows \(trials.count == 1 ? "it" : "them")"
  )
}

struct SweepRun: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Start a sweep, or go on with it (default).",
    discussion: """
      Writes the sweep's folder: ordinary runs in runs, a table of the trials in sweep.sqlite, and a copy of the file. If \
      the folder has this sweep already, it goes on; a folder with another sweep is refused. Ctrl-C lets every trial \
      write a checkpoint. The exit status is 0 if nothing is left to train.
      """)

  @Argument(help: "The sweep's YAML file, or a built-in sweep's name.", completion: .file(extensions: ["yaml", "yml"]))
  var file: String

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The folder of the sweep. (default: the file's name without its ending)", valueName: "dir"),
    completion: .directory)
  var output: String?

  @Option(help: ArgumentHelp("A folder to search for data sets first.", valueName: "dir"), completion: .directory)
  var data: String?

  @OptionGroup var workers: WorkerOptions
  @OptionGroup var slurm: SlurmOptions

  func run() throws {
    let text = try SweepLibrary.text(ofFileOrName: file)
    let name = URL(filePath: file).deletingPathExtension().lastPathComponent
    let directory = try SweepDirectory.start(
      output ?? name, text: text, source: file, dataDirectory: data, program: Signflip.version)
    try train(directory, workers, slurm)
  }
}

struct SweepResume: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Go on with a sweep that was stopped or interrupted.",
    discussion: """
      Trials go on from their checkpoints, with the same weights as if they had never been interrupted. If the sweep's \
      files were changed since its start, it is refused.
      """)

  @OptionGroup var sweep: SweepArgument
  @OptionGroup var workers: WorkerOptions
  @OptionGroup var slurm: SlurmOptions

  func run() throws {
    try train(sweep.open(), workers, slurm)
  }
}

struct SweepStop: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop", abstract: "Stop a sweep: every trial writes a checkpoint and ends.",
    discussion: "Works for trials on other machines, too: they look for the request every few seconds.")

  @OptionGroup var sweep: SweepArgument

  func run() throws {
    let directory = try sweep.open()
    try directory.askToStop()
    // Trials of this machine need not wait until they look.
    var survey = try SweepSurvey(directory)
    let holders = survey.standings.compactMap { $0.state == .training ? $0.holder : nil }
    for holder in holders where holder.isOfThisMachine { kill(holder.process, SIGTERM) }
    let deadline = Date(timeIntervalSinceNow: 60)
    while survey.count(.training) > 0, Date() < deadline {
      Thread.sleep(forTimeInterval: 0.2)
      try survey.refreshOpen()
    }
    let left = survey.count(.training)
    let jobs = SlurmArray.jobs(of: directory)
    if !jobs.isEmpty {
      try StandardStream.error.print("tasks of Slurm that wait: “scancel \(jobs.joined(separator: " "))” removes them")
    }
    try StandardStream.output.print(
      left == 0
        ? "stopped; “signflip sweep resume \(directory.path)” goes on"
        : "\(left) trials still train; they end after their next look at the folder")
  }
}
