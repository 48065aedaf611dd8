package import EngineProtocol
import Foundation
import RunStore
import Tensors
import Training

/// The directory of a sweep.
///
/// ```
/// sweep.yaml         the sweep as it was given
/// experiment.yaml    the experiment that it names, as it was at the start
/// sweep.json         the digests of both, and where the data is
/// sweep.sqlite       a table of the trials, for queries; see `SweepIndex`
/// runs/trial-0001/   the runs: ordinary ones, for all commands
/// trials/0001/       what the sweep keeps of a trial: record.json, log, claims
/// controller/        claims of the process that starts trials
/// requests/          what users have asked for single trials
/// stop               there while the sweep is to stop
/// ```
package struct SweepDirectory: Sendable {
  /// What does not change after the start.
  private struct Facts: Codable {
    var version = 1
    var program: String
    var startedAt: Double
    var sweepSHA256: String
    var experimentSHA256: String?
    var dataDirectory: String?
  }

  /// The directory's path.
  package let path: String
  /// The sweep.
  package let definition: SweepDefinition
  /// Its trials, by number.
  package let trials: [SweepTrial]
  /// When it was started, in seconds since 1970.
  package let startedAt: Double
  private let dataDirectory: String?

  /// Starts a sweep in a directory, or opens the one that is there if it is of the same text.
  /// - Parameters:
  ///   - text: the sweep's YAML.
  ///   - source: its path, or a built-in sweep's name.
  ///   - dataDirectory: where data sets are looked for first.
  /// - Throws: `ExperimentError` if the sweep is not valid; `SweepError.changed` if the directory has another one;
  ///   `StoreError`.
  package static func start(
    _ path: String, text: String, source: String, dataDirectory: String?, program: String,
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws -> SweepDirectory {
    let files = FileManager.default
    if files.fileExists(atPath: path + "/sweep.json") {
      let existing = try open(path, environment: environment)
      guard try read(path + "/sweep.yaml") == text else {
        throw SweepError(
          .changed,
          "\(path): has another sweep than \(source), which differs \(Self.difference(try read(path + "/sweep.yaml"), text)); "
            + "choose another folder with -o, or “signflip sweep resume \(path)” to go on as it was started")
      }
      return existing
    }
    let others = (try? files.contentsOfDirectory(atPath: path)) ?? []
    guard
      Set(others).isSubset(of: [
        "sweep.yaml", "experiment.yaml", "sweep.yaml.tmp", "experiment.yaml.tmp", "sweep.json.tmp",
      ])
    else {
      throw SweepError(
        .notFound, "\(path): expected a sweep or an empty folder, found others' files; choose another with -o")
    }
    var experiment: String?
    let definition = try SweepReader(beside: source, environment: environment).read(text)
    try definition.check(definition.trials(), environment: environment)
    if definition.experimentName != source { experiment = definition.experimentText }
    do {
      try files.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw StoreError(error, path: path)
    }
    try DurableFile.write(Data(text.utf8), to: path + "/sweep.yaml")
    if let experiment { try DurableFile.write(Data(experiment.utf8), to: path + "/experiment.yaml") }
    let facts = Facts(
      program: program, startedAt: Date().timeIntervalSince1970, sweepSHA256: TensorDigest.sha256(Array(text.utf8)),
      experimentSHA256: experiment.map { TensorDigest.sha256(Array($0.utf8)) },
      dataDirectory: dataDirectory.map { URL(filePath: $0).standardizedFileURL.path })
    try DurableFile.write(EngineJSON.encoder().encode(facts), to: path + "/sweep.json")
    return try open(path, environment: environment)
  }

  /// Opens the sweep in a directory.
  /// - Throws: `SweepError.notFound`; `SweepError.changed` if its files were changed after the start; `ExperimentError`.
  package static func open(
    _ directory: String, environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws -> SweepDirectory {
    let path = URL(filePath: directory).standardizedFileURL.path
    guard let data = FileManager.default.contents(atPath: path + "/sweep.json") else {
      throw SweepError(.notFound, "\(path): expected the folder of a sweep, found no sweep.json in it")
    }
    guard let facts = try? EngineJSON.decoder().decode(Facts.self, from: data), facts.version == 1 else {
      throw SweepError(.damaged, "\(path)/sweep.json: expected a sweep of format 1, found something else")
    }
    let text = try read(path + "/sweep.yaml")
    let experiment = facts.experimentSHA256 == nil ? nil : try read(path + "/experiment.yaml")
    for (name, text, digest) in [
      ("sweep.yaml", text, facts.sweepSHA256), ("experiment.yaml", experiment ?? "", facts.experimentSHA256 ?? ""),
    ] where !digest.isEmpty && TensorDigest.sha256(Array(text.utf8)) != digest {
      throw SweepError(
        .changed,
        "\(path)/\(name): expected the text that the sweep was started with (SHA-256 \(digest.prefix(12))…), found another "
          + "(\(TensorDigest.sha256(Array(text.utf8)).prefix(12))…); undo the change, or start another sweep with it")
    }
    // A preset may change with the program, a file at any time; the sweep does not.
    let definition = try SweepReader(source: path + "/sweep.yaml", environment: environment, frozen: experiment) {
      name in
      throw SweepError(.damaged, "\(path)/experiment.yaml: expected the text of \(name), found no such file")
    }.read(text)
    return SweepDirectory(
      path: path, definition: definition, trials: try definition.trials(), startedAt: facts.startedAt,
      dataDirectory: facts.dataDirectory)
  }

  /// Checks that the folder is still there: its file system may go while trials are trained.
  ///
  /// Nobody creates folders in it without this check; otherwise a trial would go on below the mount point.
  /// - Throws: `SweepError.notFound`.
  package func checkIsThere() throws {
    guard access(path + "/sweep.json", F_OK) != 0 else { return }
    throw SweepError(
      .notFound,
      "\(path): the sweep's folder can't be read any more (\(String(cString: strerror(errno)))); "
        + "“signflip sweep resume \(path)” goes on when it is there again")
  }

  /// The folder with what the sweep keeps of a trial.
  package func folder(of trial: Int) -> String { "\(path)/trials/\(Self.digits(trial))" }

  /// The directory of the runs.
  package var runsFolder: String { path + "/runs" }

  /// The name of a trial's run.
  package static func runName(of trial: Int) -> String { "trial-\(digits(trial))" }

  /// The directory of a trial's run.
  package func run(of trial: Int) -> String { runsFolder + "/" + Self.runName(of: trial) }

  /// The request that trains a trial in its own run directory.
  package func request(for trial: SweepTrial) -> ExperimentRequest {
    var request = definition.request(for: trial)
    request.dataDirectory = dataDirectory
    request.runsDirectory = runsFolder
    request.runName = Self.runName(of: trial.number)
    return request
  }

  /// Returns the trial of a number.
  /// - Throws: `SweepError.notFound`.
  package func trial(_ number: Int) throws -> SweepTrial {
    guard trials.indices.contains(number - 1) else {
      throw SweepError(.notFound, "\(path): expected a trial from 1 to \(trials.count), found \(number)")
    }
    return trials[number - 1]
  }

  // MARK: Stopping

  /// Whether all processes of the sweep are to write a checkpoint and end.
  package var isToStop: Bool { access(path + "/stop", F_OK) == 0 }

  /// Asks all processes of the sweep to write a checkpoint and to end.
  /// - Throws: `StoreError`.
  package func askToStop() throws { try DurableFile.write(Data(), to: path + "/stop") }

  /// Withdraws the request to stop.
  package func allowToRun() { unlink(path + "/stop") }

  /// Takes the control of the sweep: only its holder starts trials on this or other machines.
  /// - Throws: `SweepError.claimed`; `StoreError`.
  package func takeControl() throws -> SweepClaim { try SweepClaim.take(path + "/controller", of: path) }

  /// Who controls the sweep; nil if nobody does.
  package var controller: SweepClaim.Owner? { SweepClaim.holder(of: path + "/controller") }

  private static func digits(_ number: Int) -> String { String(format: "%04d", number) }

  private static func read(_ path: String) throws -> String {
    guard let text = try RegularFile.text(at: path) else {
      throw SweepError(.damaged, "\(path): expected a file of the sweep, found none")
    }
    return text
  }

  // “in line 4: “a” there, “b” here”.
  private static func difference(_ old: String, _ new: String) -> String {
    let (old, new) = (old.components(separatedBy: "\n"), new.components(separatedBy: "\n"))
    let place = (0..<max(old.count, new.count)).first { index in
      index >= old.count || index >= new.count || old[index] != new[index]
    }
    guard let place else { return "nowhere" }
    func line(_ lines: [String]) -> String {
      place < lines.count ? "“\(lines[place].trimmingCharacters(in: .whitespaces))”" : "nothing"
    }
    return "in line \(place + 1): \(line(old)) there, \(line(new)) here"
  }
}
