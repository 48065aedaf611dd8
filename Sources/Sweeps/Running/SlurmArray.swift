import Foundation
import RunStore
import Training

/// A Slurm job array that trains trials of a sweep: each in a task of its own, or, with halving, by workers.
///
/// A task runs `signflip sweep trial` in place of the batch shell, or `sweep worker` with halving, so Slurm's signals reach
/// it. A minute before its time limit Slurm sends SIGUSR1; then it writes a checkpoint and asks Slurm to start it again.
/// After a node's failure or a preemption Slurm starts it again by itself (`--requeue`).
package struct SlurmArray: Sendable {
  /// Tasks of one array at most: Slurm's default `MaxArraySize` is 1001.
  package static let mostTasks = 1000
  // Seconds between SIGUSR1 and the time limit.
  private static let grace = 60

  /// The path of the program on the nodes.
  package var program: String
  /// The partition; nil for the cluster's default.
  package var partition: String?
  /// More options of sbatch, as they are written on its command line.
  package var options: [String] = []
  /// The most tasks at a time; nil for as many as Slurm allows.
  package var workers: Int?

  /// An array of this program.
  package init(program: String, partition: String? = nil, options: [String] = []) {
    (self.program, self.partition, self.options) = (program, partition, options)
  }

  /// The script of an array.
  /// - Parameter trials: ascending, within `mostTasks` of the first.
  package func script(_ directory: SweepDirectory, trials: [Int]) -> String {
    let offset = (trials.first ?? 1) - 1
    let tasks = Self.ranges(trials.map { $0 - offset }) + (workers.map { "%\($0)" } ?? "")
    return script(directory, tasks: tasks, "trial", arguments: " $((SLURM_ARRAY_TASK_ID + \(offset)))")
  }

  /// The script of an array of workers, each of which trains one trial after another.
  package func script(_ directory: SweepDirectory, workers: Int) -> String {
    script(directory, tasks: "1-\(workers)", "worker", arguments: "")
  }

  private func script(_ directory: SweepDirectory, tasks: String, _ command: String, arguments: String) -> String {
    let definition = directory.definition
    let name = definition.name.filter { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }
    let cores = definition.threads * max(1, definition.experiment.lanes.count)
    let partition = partition.map { "#SBATCH --partition=\($0)\n" } ?? ""
    return """
      #!/bin/sh
      #SBATCH --job-name=signflip-\(name)
      #SBATCH --array=\(tasks)
      #SBATCH --cpus-per-task=\(cores)
      #SBATCH --requeue
      #SBATCH --signal=B:USR1@\(Self.grace)
      #SBATCH --open-mode=append
      #SBATCH --output=\(directory.path)/slurm/%A_%a.log
      \(partition)exec \(Self.quoted(program)) sweep \(command) --slurm \(Self.quoted(directory.path))\(arguments)

      """
  }

  /// Submits arrays for trials.
  /// - Returns: the jobs' IDs.
  /// - Throws: `SweepError.notTrained` with sbatch's words; `StoreError`.
  package func submit(_ directory: SweepDirectory, trials: [Int]) throws -> [String] {
    try submit(directory, scripts: Self.groups(trials).map { ("trials-\($0[0])", script(directory, trials: $0)) })
  }

  /// Submits an array of workers.
  /// - Parameter workers: their number, at most `mostTasks`.
  /// - Returns: the job's ID.
  /// - Throws: `SweepError.notTrained` with sbatch's words; `StoreError`.
  package func submit(_ directory: SweepDirectory, workers: Int) throws -> String {
    let workers = min(workers, Self.mostTasks)
    return try submit(directory, scripts: [("workers", script(directory, workers: workers))])[0]
  }

  private func submit(_ directory: SweepDirectory, scripts: [(name: String, text: String)]) throws -> [String] {
    let folder = directory.path + "/slurm"
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw StoreError(error, path: folder)
    }
    var jobs: [String] = []
    for script in scripts {
      let path = "\(folder)/\(script.name).sh"
      try DurableFile.write(Data(script.text.utf8), to: path)
      jobs.append(try Self.sbatch(options + [path]))
    }
    try DurableFile.write(Data(jobs.map { $0 + "\n" }.joined().utf8), to: folder + "/jobs")
    return jobs
  }

  /// The jobs of the last submission; empty if there was none.
  package static func jobs(of directory: SweepDirectory) -> [String] {
    let text = try? RegularFile.text(at: directory.path + "/slurm/jobs")
    return (text ?? "").split(separator: "\n").map(String.init)
  }

  /// Asks Slurm to start this task again after its end. Errors are ignored: then “sweep resume” submits it again.
  package static func requeueThisTask() {
    guard let job = ProcessInfo.processInfo.environment["SLURM_JOB_ID"] else { return }
    _ = try? output(of: "scontrol", ["requeue", job])
  }

  /// Groups ascending numbers so that each group fits into an array.
  static func groups(_ trials: [Int]) -> [[Int]] {
    trials.reduce(into: []) { groups, trial in
      if let first = groups.last?.first, trial - first < mostTasks {
        groups[groups.count - 1].append(trial)
      } else {
        groups.append([trial])
      }
    }
  }

  /// Writes ascending numbers as Slurm does: “1-4,7”.
  package static func ranges(_ numbers: [Int]) -> String {
    var ranges: [(Int, Int)] = []
    for number in numbers {
      if let last = ranges.last, last.1 == number - 1 {
        ranges[ranges.count - 1].1 = number
      } else {
        ranges.append((number, number))
      }
    }
    return ranges.map { $0 == $1 ? "\($0)" : "\($0)-\($1)" }.joined(separator: ",")
  }

  private static func quoted(_ text: String) -> String { "'\(text.replacing("'", with: "'\\''"))'" }

  private static func sbatch(_ arguments: [String]) throws -> String {
    let answer = try output(of: "sbatch", ["--parsable"] + arguments)
    // “12” or “12;cluster”.
    guard let job = answer.split(whereSeparator: { ";\n".contains($0) }).first, Int(job) != nil else {
      throw SweepError(.notTrained, "sbatch: expected the number of a job, found “\(answer)”")
    }
    return String(job)
  }

  private static func output(of program: String, _ arguments: [String]) throws -> String {
    let process = Process()
    let (output, errors) = (Pipe(), Pipe())
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [program] + arguments
    (process.standardInput, process.standardOutput, process.standardError) = (FileHandle.nullDevice, output, errors)
    do {
      try process.run()
    } catch {
      throw SweepError(.notTrained, "\(program) can't be started: \(error)")
    }
    let words = (try? output.fileHandleForReading.readToEnd()) ?? nil
    let faults = (try? errors.fileHandleForReading.readToEnd()) ?? nil
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      let reason = String(decoding: faults ?? Data(), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
      throw SweepError(
        .notTrained, "\(program) has failed (exit status \(process.terminationStatus)): \(reason)")
    }
    return String(decoding: words ?? Data(), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
