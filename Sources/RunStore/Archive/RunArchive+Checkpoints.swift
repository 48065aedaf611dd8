package import EngineProtocol
import Foundation
import GRDB
import Synchronization

extension RunArchive {
  private var folder: String { directory + "/checkpoints" }

  /// Writes a checkpoint: it is there when its file is on the disk and its row in the database, and not before.
  ///
  /// One of the same lane, branch and step is replaced; it stays the lane's `start` or `fork` where it was that.
  /// - Parameters:
  ///   - checkpoint: its `bytes` and `time` are filled in here.
  ///   - write: writes the file at a path, and tells its size and its SHA-256 in hexadecimal.
  /// - Returns: the checkpoint as it was written.
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
      // Looked at before space is made: whether the disk is full.
      let failure = StoreError(error, path: folder)
      unlink(temporary)
      throw failure
    }
    state.withLock { $0.checkpointBytes[file] = saved.bytes }
    if let replaced { removeCheckpointFile(replaced) }
    return saved
  }

  /// The checkpoints that there are, the oldest first.
  package func checkpoints() throws -> [Checkpoint] {
    try RunDatabase.attempt(RunDatabase.path(in: directory)) {
      try queue.read { try CheckpointRow.all($0).map(\.checkpoint) }
    }
  }

  /// Where the file of a checkpoint is, and the SHA-256 that it must have.
  /// - Throws: `StoreError.notFound` for a checkpoint that there is not; `.damaged` where its file is gone.
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

  /// Checkpoints whose file was gone when the run was opened.
  package var lostCheckpoints: [Checkpoint] { state.withLock { $0.lost } }

  /// Deletes a checkpoint; one that there is not is no error.
  package func delete(_ checkpoint: Checkpoint) throws {
    guard let row = try row(of: checkpoint) else { return }
    try writing { database in
      try database.execute(
        sql: "DELETE FROM checkpoints WHERE lane = ? AND branch = ? AND step = ?",
        arguments: [checkpoint.lane, checkpoint.branch, checkpoint.step])
    }
    removeCheckpointFile(row.file)
  }

  /// Removes files that no row names and rows whose file is gone: what a crash or a loss of power has left.
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
    // What a person has put there is theirs.
    for file in files.subtracting(known.map(\.file)) where FileName.isOfCheckpoint(file) {
      log("checkpoint file \(file) was not finished, and is removed")
      removeCheckpointFile(file)
    }
    state.withLock { state in
      for row in known { state.checkpointBytes[row.file] = row.checkpoint.bytes }
    }
  }

  /// Removes a file that no row names any more; where that fails, the next opening does it.
  func removeCheckpointFile(_ file: String) {
    unlink(folder + "/" + file)
    _ = state.withLock { $0.checkpointBytes.removeValue(forKey: file) }
  }

  private func row(of checkpoint: Checkpoint) throws -> CheckpointRow? {
    try RunDatabase.attempt(RunDatabase.path(in: directory)) {
      try queue.read { try CheckpointRow.find($0, checkpoint) }
    }
  }

  // A checkpoint that is replaced keeps its file until the new row is on the disk.
  private func freeName(for checkpoint: Checkpoint) -> String {
    let stem = "\(FileName.unambiguous(checkpoint.lane, limit: 150))-\(checkpoint.branch)-\(checkpoint.step)"
    var (name, number) = ("\(stem).safetensors", 1)
    while FileManager.default.fileExists(atPath: folder + "/" + name) {
      number += 1
      name = "\(stem).\(number).safetensors"
    }
    return name
  }

  // What a checkpoint was made of must not be younger on the disk than it: the commit waits for the disk.
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

/// Files of `teachers/`: what a lane that others learn from has shown them, `<lane>-<epoch>.safetensors`.
extension RunArchive {
  private var teacherFolder: String { directory + "/teachers" }

  /// Where the weights of a lane after an epoch are, or are to be.
  package func teacherFile(of lane: String, epoch: Int) -> String {
    teacherFolder + "/\(FileName.unambiguous(lane))-\(epoch).safetensors"
  }

  /// The epochs of a lane whose weights are there.
  package func teacherEpochs(of lane: String) -> Set<Int> {
    let stem = FileName.unambiguous(lane) + "-"
    let files = (try? FileManager.default.contentsOfDirectory(atPath: teacherFolder)) ?? []
    return Set(
      files.compactMap { file in
        guard file.hasPrefix(stem), file.hasSuffix(".safetensors") else { return nil }
        return Int(file.dropFirst(stem.count).dropLast(".safetensors".count))
      })
  }

  /// Writes the weights of a lane after an epoch; they are there whole or not at all.
  /// - Parameter write: writes the file at a path.
  /// - Throws: `StoreError`.
  package func saveTeacher(_ lane: String, epoch: Int, write: (_ path: String) throws -> Void) throws {
    let path = teacherFile(of: lane, epoch: epoch)
    let temporary = path + ".tmp"
    do {
      try FileManager.default.createDirectory(atPath: teacherFolder, withIntermediateDirectories: true)
      // What a crash has left.
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
  /// The file's name in the run's folder `checkpoints`.
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

  /// All checkpoints, the oldest first.
  static func all(_ database: Database) throws -> [CheckpointRow] {
    try Row.fetchAll(database, sql: "SELECT * FROM checkpoints ORDER BY time, rowid").map(CheckpointRow.init)
  }

  /// The checkpoint of the lane, branch and step of `checkpoint`.
  static func find(_ database: Database, _ checkpoint: Checkpoint) throws -> CheckpointRow? {
    try Row.fetchOne(
      database, sql: "SELECT * FROM checkpoints WHERE lane = ? AND branch = ? AND step = ?",
      arguments: [checkpoint.lane, checkpoint.branch, checkpoint.step]
    ).map(CheckpointRow.init)
  }

  /// Inserts the row, in place of the one of its lane, branch and step.
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
  /// Whether both are of the same lane, branch and step, and so in the same file.
  package func isSamePlace(as other: Checkpoint) -> Bool {
    lane == other.lane && branch == other.branch && step == other.step
  }

  /// The checkpoint as it was written, in place of `old`, whose beginning of a lane it stays.
  func written(bytes: Int, time: Double, over old: Checkpoint?) -> Checkpoint {
    var written = self
    written.bytes = bytes
    written.time = time
    if let old, old.reason == .start || old.reason == .fork { written.reason = old.reason }
    return written
  }
}
