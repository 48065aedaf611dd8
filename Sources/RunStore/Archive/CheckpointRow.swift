package import EngineProtocol
import GRDB

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
