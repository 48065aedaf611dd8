package import EngineProtocol
import Foundation
import GRDB
import Synchronization

extension RunArchive {
  private var folder: String { directory + "/checkpoints" }

  /// Writes a checkpoint. It exists once both its file and its database row are on disk.
  ///
  /// A checkpoint of the same lane, branch and step is replaced; if that one was the lane's `start` or `fork`, so is
  /// the new one.
  /// - Parameters:
  ///   - checkpoint: the checkpoint; `bytes` and `time` are filled in.
  ///   - write: writes the file at a path, and returns its size and its SHA-256 in hexadecimal.
  /// - Returns: the checkpoint as written.
  package func save(
    _ checkpoint: Checkpoint, write: (_ path: String) throws -> (bytes: Int, sha256: String)
  ) throws -> Checkpoint {
    let temporary = folder + "/\(UUID().uuidString).tmp"
    let (file, replaced, saved): (String, String?, Checkpoint)
    do {
      let written = try write(temporary)
      let old = try row(of: checkpoint)
      file = freeName(for: checkpoint)
      replaced = old?.file
      saved = checkpoint.written(bytes: written.bytes, time: Date.now.timeIntervalSince1970, over: old?.checkpoint)
      try DurableFile.rename(temporary, to: folder + "/" + file)
      try insert(saved, file: file, sha256: written.sha256)
    } catch {
      // Determines whether the disk is full, before space is freed.
      let failure = StoreError(error, path: folder)
      unlink(temporary)
      throw failure
    }
    state.withLock { $0.checkpointBytes[file] = saved.bytes }
    if let replaced { removeCheckpointFile(replaced) }
    return saved
  }

  /// Returns the existing checkpoints, oldest first.
  package func checkpoints() throws -> [Checkpoint] {
    try RunDatabase.attempt(RunDatabase.path(in: directory)) {
      try queue.read { try CheckpointRow.all($0).map(\.checkpoint) }
    }
  }

  /// Where the file of a checkpoint of a run is, also while an engine writes the run, and the SHA-256 that it must have.
  /// - Throws: `StoreError.notFound` for a checkpoint that there is not; `.damaged` where its file is gone.
  package static func file(of checkpoint: Checkpoint, in directory: String) throws -> (path: String, sha256: String) {
    guard let row = try RunDatabase.read(directory, { try CheckpointRow.find($0, checkpoint) }) else {
      throw StoreError(
        .notFound,
        "\(directory): lane \(checkpoint.lane) has no checkpoint at step \(checkpoint.step) of branch \(checkpoint.branch)"
      )
    }
    let path = directory + "/checkpoints/" + row.file
    guard FileManager.default.fileExists(atPath: path) else {
      throw StoreError(.damaged, "\(path): expected a checkpoint, found no file")
    }
    try RegularFile.check(path)
    return (path, row.sha256)
  }

  /// Returns the path of a checkpoint's file, and its expected SHA-256.
  /// - Throws: `StoreError.notFound` if the checkpoint does not exist; `.damaged` if its file is missing.
  package func file(of checkpoint: Checkpoint) throws -> (path: String, sha256: String) {
    guard let row = try row(of: checkpoint) else {
      throw StoreError(
        .notFound,
        "\(id): lane \(checkpoint.lane) has no checkpoint at step \(checkpoint.step) of branch \(checkpoint.branch)")
    }
    let path = folder + "/" + row.file
    guard FileManager.default.fileExists(atPath: path) else {
      throw StoreError(.damaged, "\(path): expected a checkpoint, found no file")
    }
    try RegularFile.check(path)
    return (path, row.sha256)
  }

  /// Checkpoints whose file was missing when the run was opened.
  package var lostCheckpoints: [Checkpoint] { state.withLock { $0.lost } }

  /// Deletes a checkpoint, if it exists.
  package func delete(_ checkpoint: Checkpoint) throws {
    guard let row = try row(of: checkpoint) else { return }
    try writing { database in
      try database.execute(
        sql: "DELETE FROM checkpoints WHERE lane = ? AND branch = ? AND step = ?",
        arguments: [checkpoint.lane, checkpoint.branch, checkpoint.step])
    }
    removeCheckpointFile(row.file)
  }

  /// Removes files without a row and rows without a file, which a crash or a power failure may have left.
  func clearCheckpoints() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let files = Set(try FileManager.default.contentsOfDirectory(atPath: folder))
    let rows = try RunDatabase.attempt(RunDatabase.path(in: directory)) { try queue.read(CheckpointRow.all) }
    for row in rows where !files.contains(row.file) {
      log("checkpoint \(row.file) is gone")
      state.withLock { $0.lost.append(row.checkpoint) }
      try writing { try $0.execute(sql: "DELETE FROM checkpoints WHERE file = ?", arguments: [row.file]) }
    }
    let known = rows.filter { files.contains($0.file) }
    // Other files belong to the user.
    for file in files.subtracting(known.map(\.file)) where FileName.isOfCheckpoint(file) {
      log("checkpoint file \(file) was incomplete, and was removed")
      removeCheckpointFile(file)
    }
    state.withLock { state in
      for row in known { state.checkpointBytes[row.file] = row.checkpoint.bytes }
    }
  }

  /// Removes a file without a row; if that fails, the next opening does it.
  func removeCheckpointFile(_ file: String) {
    unlink(folder + "/" + file)
    _ = state.withLock { $0.checkpointBytes.removeValue(forKey: file) }
  }

  private func row(of checkpoint: Checkpoint) throws -> CheckpointRow? {
    try RunDatabase.attempt(RunDatabase.path(in: directory)) {
      try queue.read { try CheckpointRow.find($0, checkpoint) }
    }
  }

  // A replaced checkpoint keeps its file until the new row is on disk.
  private func freeName(for checkpoint: Checkpoint) -> String {
    let stem = "\(FileName.unambiguous(checkpoint.lane, limit: 150))-\(checkpoint.branch)-\(checkpoint.step)"
    var (name, number) = ("\(stem).safetensors", 1)
    while FileManager.default.fileExists(atPath: folder + "/" + name) {
      number += 1
      name = "\(stem).\(number).safetensors"
    }
    return name
  }

  // Everything that a checkpoint depends on must be on disk before it, so the commit is synchronous.
  private func insert(_ checkpoint: Checkpoint, file: String, sha256: String) throws {
    do {
      try queue.writeWithoutTransaction { database in
        try database.execute(sql: "PRAGMA synchronous = FULL")
        defer { try? database.execute(sql: "PRAGMA synchronous = NORMAL") }
        try database.inTransaction(.immediate) {
          try CheckpointRow(checkpoint: checkpoint, file: file, sha256: sha256).insert(database)
          return .commit
        }
      }
    } catch {
      unlink(folder + "/" + file)
      throw error
    }
  }
}

/// Files in `teachers/`: the published weights of lanes that others learn from, `<lane>-<epoch>.safetensors`.
extension RunArchive {
  private var teacherFolder: String { directory + "/teachers" }

  /// Returns the path of the file for a lane's weights after an epoch.
  package func teacherFile(of lane: String, epoch: Int) -> String {
    teacherFolder + "/\(FileName.unambiguous(lane))-\(epoch).safetensors"
  }

  /// Returns the epochs for which a lane's weights exist.
  package func teacherEpochs(of lane: String) -> Set<Int> {
    let stem = FileName.unambiguous(lane) + "-"
    let files = (try? FileManager.default.contentsOfDirectory(atPath: teacherFolder)) ?? []
    return Set(
      files.compactMap { file in
        guard file.hasPrefix(stem), file.hasSuffix(".safetensors") else { return nil }
        return Int(file.dropFirst(stem.count).dropLast(".safetensors".count))
      })
  }

  /// Writes the weights of a lane after an epoch, atomically.
  /// - Parameter write: writes the file at a path.
  /// - Throws: `StoreError`.
  package func saveTeacher(_ lane: String, epoch: Int, write: (_ path: String) throws -> Void) throws {
    let path = teacherFile(of: lane, epoch: epoch)
    let temporary = path + ".tmp"
    do {
      try FileManager.default.createDirectory(atPath: teacherFolder, withIntermediateDirectories: true)
      // May exist after a crash.
      unlink(temporary)
      try write(temporary)
      try DurableFile.rename(temporary, to: path)
    } catch {
      let failure = StoreError(error, path: path)
      unlink(temporary)
      throw failure
    }
  }
}

/// A row of `checkpoints`.
struct CheckpointRow {
  var checkpoint: Checkpoint
  /// The file's name in the run's directory `checkpoints`.
  var file: String
  var sha256: String

  init(checkpoint: Checkpoint, file: String, sha256: String) {
    self.checkpoint = checkpoint
    self.file = file
    self.sha256 = sha256
  }

  private init(_ row: Row) throws {
    let reason: String = row["reason"]
    guard let known = Checkpoint.Reason(rawValue: reason) else {
      throw StoreError(.damaged, "checkpoints: expected a reason, found “\(reason)”")
    }
    checkpoint = Checkpoint(
      lane: row["lane"], branch: row["branch"], step: row["step"], epoch: row["epoch"], reason: known,
      validationAccuracy: row["accuracy"], bytes: row["bytes"], time: row["time"])
    file = row["file"]
    sha256 = row["sha256"]
  }

  /// Returns all checkpoints, oldest first.
  static func all(_ database: Database) throws -> [CheckpointRow] {
    try Row.fetchAll(database, sql: "SELECT * FROM checkpoints ORDER BY time, rowid").map(CheckpointRow.init)
  }

  /// Returns the checkpoint with the lane, branch and step of `checkpoint`.
  static func find(_ database: Database, _ checkpoint: Checkpoint) throws -> CheckpointRow? {
    try Row.fetchOne(
      database, sql: "SELECT * FROM checkpoints WHERE lane = ? AND branch = ? AND step = ?",
      arguments: [checkpoint.lane, checkpoint.branch, checkpoint.step]
    ).map(CheckpointRow.init)
  }

  /// Inserts the row, replacing one of the same lane, branch and step.
  func insert(_ database: Database) throws {
    try database.execute(
      sql: "INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      arguments: [
        checkpoint.lane, checkpoint.branch, checkpoint.step, checkpoint.epoch, checkpoint.reason.rawValue,
        checkpoint.validationAccuracy, checkpoint.bytes, sha256, file, checkpoint.time,
      ])
  }
}

extension Checkpoint {
  /// Returns whether both have the same lane, branch and step.
  package func isSamePlace(as other: Checkpoint) -> Bool {
    lane == other.lane && branch == other.branch && step == other.step
  }

  /// Returns the checkpoint as written, replacing `old`; a `start` or `fork` remains one.
  func written(bytes: Int, time: Double, over old: Checkpoint?) -> Checkpoint {
    var written = self
    written.bytes = bytes
    written.time = time
    if let old, old.reason == .start || old.reason == .fork { written.reason = old.reason }
    return written
  }
}
