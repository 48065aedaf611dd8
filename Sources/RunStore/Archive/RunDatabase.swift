import Foundation
import GRDB

/// Connections to a run's `run.sqlite`, with errors as `StoreError`.
enum RunDatabase {
  /// Returns the path of the database in `directory`.
  static func path(in directory: String) -> String { directory + "/run.sqlite" }

  /// Creates the database of a new run.
  static func create(in directory: String, meta: [String: String]) throws -> DatabaseQueue {
    let path = path(in: directory)
    return try attempt(path) {
      let queue = try DatabaseQueue(path: path, configuration: writing)
      try queue.write { database in
        try database.execute(sql: RunSchema.creation)
        for (key, value) in meta {
          try database.execute(sql: "INSERT INTO meta VALUES (?, ?)", arguments: [key, value])
        }
      }
      return queue
    }
  }

  /// Opens the database of a run to resume it, after checking its format and pages.
  static func open(in directory: String) throws -> DatabaseQueue {
    let path = path(in: directory)
    guard FileManager.default.fileExists(atPath: path) else {
      throw StoreError(.notFound, "\(directory): no run: expected a file run.sqlite")
    }
    for suffix in ["", "-wal"] { try RegularFile.check(path + suffix) }
    try attempt(path) {
      // Checked first, so that nothing is written to a newer format.
      let queue = try DatabaseQueue(path: path, configuration: reading)
      try queue.read { database in
        try checkFormat(database, path: path)
        try checkPages(database, path: path)
      }
      try queue.close()
    }
    return try attempt(path) {
      let queue = try DatabaseQueue(path: path, configuration: writing)
      // Runs of older versions have no summaries.
      try queue.write { try $0.execute(sql: RunSchema.sketches) }
      return queue
    }
  }

  // The tables of points of a long run are skipped, because reading them takes seconds; damage in them is detected when
  // they are read.
  private static func checkPages(_ database: Database, path: String) throws {
    let bytes = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
    var checks = ["PRAGMA quick_check(1)"]
    if bytes > 64 << 20 {
      checks = try String.fetchAll(
        database, sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('points', 'steps')"
      ).map { "PRAGMA quick_check('\($0)')" }
    }
    for check in checks {
      let answer = try String.fetchOne(database, sql: check) ?? "no result"
      guard answer == "ok" else { throw StoreError(.damaged, "\(path): SQLite's check found: \(answer)") }
    }
  }

  /// Reads the database of a run in one transaction, even while an engine is writing it, and on read-only media.
  static func read<Value>(_ directory: String, _ body: (Database) throws -> Value) throws -> Value {
    let path = path(in: directory)
    guard FileManager.default.fileExists(atPath: path) else {
      throw StoreError(.notFound, "\(directory): no run: expected a file run.sqlite")
    }
    for suffix in ["", "-wal"] { try RegularFile.check(path + suffix) }
    return try attempt(path) {
      do {
        return try read(at: path, body)
      } catch let error as DatabaseError where [.SQLITE_CANTOPEN, .SQLITE_READONLY].contains(error.resultCode) {
        // SQLite can't read a database with a write-ahead log if it can't create the log's index beside it.
        return try withCopy(of: path) { try read(at: $0, body) }
      }
    }
  }

  /// Runs `body`, and converts its errors to those of the file at `path`.
  static func attempt<Value>(_ path: String, _ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch {
      throw StoreError(error, path: path)
    }
  }

  private static func read<Value>(at path: String, _ body: (Database) throws -> Value) throws -> Value {
    let queue = try DatabaseQueue(path: path, configuration: reading)
    defer { try? queue.close() }
    return try queue.read { database in
      try checkFormat(database, path: path)
      return try body(database)
    }
  }

  private static func withCopy<Value>(of path: String, _ body: (String) throws -> Value) throws -> Value {
    let files = FileManager.default
    let folder = files.temporaryDirectory.appending(path: "signflip-\(UUID().uuidString)")
    try files.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? files.removeItem(at: folder) }
    let copy = folder.appending(path: "run.sqlite").path
    for suffix in ["", "-wal"] where files.fileExists(atPath: path + suffix) {
      try files.copyItem(atPath: path + suffix, toPath: copy + suffix)
    }
    return try body(copy)
  }

  private static func checkFormat(_ database: Database, path: String) throws {
    let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    guard version <= RunSchema.version else {
      throw StoreError(
        .newerFormat,
        "\(path): expected a run of format \(RunSchema.version) or older, found format \(version) of a newer signflip")
    }
    guard version > 0 else { throw StoreError(.damaged, "\(path): expected the database of a run, found another") }
  }

  // Not `readonly`, because such a connection leaves the files of an empty write-ahead log behind. Reading writes
  // nothing, and on read-only media SQLite opens the file for reading by itself.
  private static var reading: Configuration {
    var configuration = Configuration()
    configuration.busyMode = .timeout(5)
    return configuration
  }

  // GRDB's WAL mode uses synchronous NORMAL: a commit survives the process, but the newest commits may not survive a
  // power failure.
  private static var writing: Configuration {
    var configuration = Configuration()
    configuration.journalMode = .wal
    configuration.busyMode = .timeout(5)
    return configuration
  }
}

/// The schema of `run.sqlite`.
///
/// `points.value` is NULL for NaN, which SQLite cannot store; infinities are stored directly. The primary keys reject
/// points that were recorded before. `events` is the log of everything but points, one row per event, with its payload
/// as JSON; the views make it readable with the `sqlite3` command.
enum RunSchema {
  /// The version in `PRAGMA user_version`; a larger one is from a newer version of signflip.
  static let version = 1

  /// Creates the table of the summaries of long series (`PackedSeries`), which runs of older versions lack. It may be
  /// behind `points`, which is authoritative.
  static let sketches =
    "CREATE TABLE IF NOT EXISTS sketches (series INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;"

  /// Creates all tables and views.
  static let creation = """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE branches (
      id INTEGER PRIMARY KEY, lane TEXT NOT NULL, number INTEGER NOT NULL, UNIQUE (lane, number)) STRICT;
    CREATE TABLE series (
      id INTEGER PRIMARY KEY, branch INTEGER NOT NULL REFERENCES branches, metric TEXT NOT NULL, layer TEXT)
      STRICT;
    CREATE UNIQUE INDEX seriesByName ON series (branch, metric, ifnull(layer, ''));
    CREATE TABLE points (
      series INTEGER NOT NULL, step INTEGER NOT NULL, value REAL, PRIMARY KEY (series, step)) STRICT, WITHOUT ROWID;
    CREATE TABLE steps (
      branch INTEGER NOT NULL, step INTEGER NOT NULL, time REAL NOT NULL, PRIMARY KEY (branch, step))
      STRICT, WITHOUT ROWID;
    CREATE TABLE events (
      sequence INTEGER PRIMARY KEY, time REAL NOT NULL, kind TEXT NOT NULL, lane TEXT, branch INTEGER, step INTEGER,
      json TEXT NOT NULL) STRICT;
    CREATE TABLE checkpoints (
      lane TEXT NOT NULL, branch INTEGER NOT NULL, step INTEGER NOT NULL, epoch REAL NOT NULL, reason TEXT NOT NULL,
      accuracy REAL, bytes INTEGER NOT NULL, sha256 TEXT NOT NULL, file TEXT NOT NULL UNIQUE, time REAL NOT NULL,
      PRIMARY KEY (lane, branch, step)) STRICT;
    \(sketches)
    CREATE TABLE snapshots (lane TEXT PRIMARY KEY, json TEXT NOT NULL) STRICT, WITHOUT ROWID;

    CREATE VIEW metrics AS
      SELECT lane, number AS branch, metric, layer, step, time, value
      FROM points JOIN series ON series.id = points.series JOIN branches ON branches.id = series.branch
      LEFT JOIN steps USING (branch, step);
    CREATE VIEW journal AS
      SELECT sequence, time, lane, branch, step, json_extract(json, '$.entry.seconds') AS seconds,
        json_extract(json, '$.entry.origin') AS origin, json_extract(json, '$.entry.change') AS change,
        json_extract(json, '$.entry.hyperparameter') AS hyperparameter, json_extract(json, '$.entry.old') AS old,
        json_extract(json, '$.entry.new') AS new,
        json_extract(json, '$.entry.text') AS text
      FROM events WHERE kind = 'applied';
    CREATE VIEW epochs AS
      SELECT time, lane, branch, json_extract(json, '$.epoch') AS epoch, step,
        json_extract(json, '$.trainLoss') AS trainLoss, json_extract(json, '$.validationLoss') AS validationLoss,
        json_extract(json, '$.validationAccuracy') AS validationAccuracy,
        json_extract(json, '$.latentValidationAccuracy') AS latentValidationAccuracy,
        json_extract(json, '$.learningRate') AS learningRate, json_extract(json, '$.flipRate') AS flipRate,
        json_extract(json, '$.imagesPerSecond') AS imagesPerSecond
      FROM events WHERE kind = 'epoch';
    CREATE VIEW flips AS
      SELECT time, lane, branch, step, json_extract(layers.value, '$.layer') AS layer,
        json_extract(layers.value, '$.weights') AS weights, json_extract(layers.value, '$.flipRate') AS flipRate,
        json_extract(layers.value, '$.totalFlips') AS totalFlips
      FROM events, json_each(events.json, '$.flips') AS layers WHERE kind = 'layers';
    CREATE VIEW health AS
      SELECT json_extract(json, '$.time') AS time, json_extract(json, '$.severity') AS severity,
        json_extract(json, '$.message') AS message
      FROM events WHERE kind = 'health';
    CREATE VIEW results AS
      SELECT time, lane, json_extract(json, '$.testAccuracy') AS testAccuracy,
        json_extract(json, '$.bestValidationAccuracy') AS bestValidationAccuracy,
        json_extract(json, '$.bestEpoch') AS bestEpoch, json_extract(json, '$.steps') AS steps,
        json_extract(json, '$.seconds') AS seconds, json_extract(json, '$.wasStopped') AS wasStopped,
        json_extract(json, '$.failure') AS failure, json_extract(json, '$.weightsSHA256') AS weightsSHA256
      FROM events WHERE kind = 'laneEnded';
    PRAGMA user_version = \(version);
    """
}
