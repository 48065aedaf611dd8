import EngineProtocol
import Foundation
import GRDB
import Synchronization

/// A run's directory, open and locked for this process, for writing and reading measurements.
///
/// ```
/// <runs>/<time>-<name>/
///   experiment.yaml   what is trained, and other files as given
///   run.sqlite        points, events, snapshots, checkpoints; see `RunSchema`
///   checkpoints/      <lane>-<branch>-<step>.safetensors
///   teachers/         <lane>-<epoch>.safetensors: weights that other lanes learn from
///   log               a line for each thing that happened
///   lock              the process that has the run
/// ```
///
/// All errors thrown are `StoreError`. What fails is rolled back whole and can be tried again.
package final class RunArchive: Sendable {
  /// The path of the run's directory.
  package let directory: String
  /// The run's name, which is the last component of the directory.
  package let id: String

  let queue: DatabaseQueue
  let state: Mutex<State>
  private let lock: RunLock
  private let lines: RunLog

  /// Cached facts about the database.
  struct State: Sendable {
    var identifiers = BatchWriter.Identifiers()
    /// Size of each checkpoint by file name.
    var checkpointBytes: [String: Int] = [:]
    /// Checkpoints whose file was missing when the run was opened.
    var lost: [Checkpoint] = []
  }

  private init(_ directory: String, lock: RunLock, queue: DatabaseQueue) throws {
    self.directory = directory
    id = (directory as NSString).lastPathComponent
    self.lock = lock
    self.queue = queue
    lines = try RunLog(directory)
    state = Mutex(State())
  }

  deinit { close() }

  /// Creates the directory of a new run in `runsFolder`.
  /// - Parameters:
  ///   - directoryName: the directory's name, which must not exist; nil for one made from the local time and `name`.
  ///   - time: when the run is started, in seconds since 1970.
  ///   - files: the texts of files to write beside the database, by name.
  ///   - environment: the machine and the program, as in `RunHistory.environment`.
  /// - Throws: `StoreError.notWritable`, `.diskFull`.
  package static func create(
    in runsFolder: String, name: String, directoryName: String? = nil, time: Double, files: [String: String],
    environment: [String: String]
  ) throws -> RunArchive {
    let directory = try makeDirectory(in: runsFolder, name: name, directoryName: directoryName, time: time)
    do {
      return try fill(directory, name: name, time: time, files: files, environment: environment)
    } catch {
      // An incomplete directory is removed.
      try? FileManager.default.removeItem(atPath: directory)
      throw error
    }
  }

  private static func fill(
    _ directory: String, name: String, time: Double, files: [String: String], environment: [String: String]
  ) throws -> RunArchive {
    let lock = try RunLock.acquire(directory)
    for (name, text) in files { try DurableFile.write(Data(text.utf8), to: directory + "/" + name) }
    try makeFolder(directory + "/checkpoints")
    let machine = try RunDatabase.attempt(directory) { try EngineJSON.encoder().encode(environment) }
    let queue = try RunDatabase.create(
      in: directory,
      meta: ["name": name, "startedAt": "\(time)", "environment": String(decoding: machine, as: UTF8.self)])
    try DurableFile.synchronize(directory)
    return try RunArchive(directory, lock: lock, queue: queue)
  }

  /// Opens the run in `directory` to resume it, and removes unfinished checkpoints that a crash may have left.
  /// - Throws: `StoreError.notFound`, `.locked` by another engine, `.newerFormat`, `.damaged`, `.notWritable`.
  package static func open(directory: String) throws -> RunArchive {
    let path = URL(filePath: directory).standardizedFileURL.path
    guard FileManager.default.fileExists(atPath: RunDatabase.path(in: path)) else {
      throw StoreError(.notFound, "\(path): no run: expected a file run.sqlite")
    }
    let lock = try RunLock.acquire(path)
    let archive = try RunArchive(path, lock: lock, queue: RunDatabase.open(in: path))
    try archive.clearCheckpoints()
    return archive
  }

  /// Closes the run; nothing can be written afterwards.
  package func close() {
    try? queue.close()
    lines.close()
    lock.release()
  }

  /// Appends a line to the run's log. Errors are ignored.
  package func log(_ line: String) { lines.append(line) }

  /// The current size of the directory.
  package var bytes: Int {
    let checkpoints = state.withLock { $0.checkpointBytes.values.reduce(0, +) }
    return checkpoints + FolderSize.bytes(of: directory, leavingOut: "checkpoints")
  }

  /// Limits the size of `run.sqlite`; beyond it, writing fails with `StoreError.diskFull`.
  package func limitDatabase(bytes: Int) throws {
    try RunDatabase.attempt(RunDatabase.path(in: directory)) {
      try queue.writeWithoutTransaction { database in
        let page = try Int.fetchOne(database, sql: "PRAGMA page_size") ?? 4096
        _ = try Int.fetchOne(database, sql: "PRAGMA max_page_count = \(max(1, bytes / page))")
      }
    }
  }

  // MARK: Creating the directory

  private static func makeDirectory(
    in runsFolder: String, name: String, directoryName: String?, time: Double
  ) throws -> String {
    let folder = URL(filePath: runsFolder).standardizedFileURL.path
    try makeFolder(folder, advice: ": choose another folder with --runs DIR")
    if let directoryName {
      let directory = folder + "/" + FileName.readable(directoryName)
      guard mkdir(directory, 0o755) == 0 else { throw StoreError(errno: errno, path: directory) }
      return directory
    }
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.dateFormat = "yyyyMMdd-HHmmss"
    let stem = formatter.string(from: Date(timeIntervalSince1970: time)) + "-" + FileName.readable(name)
    var number = 1
    while true {
      let directory = folder + "/" + (number == 1 ? stem : "\(stem)-\(number)")
      if mkdir(directory, 0o755) == 0 { return directory }
      guard errno == EEXIST else {
        let error = StoreError(errno: errno, path: folder)
        throw StoreError(error.code, error.message + ": choose another folder with --runs DIR")
      }
      number += 1
    }
  }

  private static func makeFolder(_ path: String, advice: String = "") throws {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      let error = StoreError(error, path: path)
      // A file at the directory's path, or above it, is reported like a directory that is not writable.
      throw StoreError(error.code == .diskFull ? .diskFull : .notWritable, error.message + advice)
    }
  }
}
