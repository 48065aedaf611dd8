import Foundation
import GRDB

/// Connections to a run's `run.sqlite`, with the errors of the house.
enum RunDatabase {
  /// Where the database of `directory` is.
  static func path(in directory: String) -> String { directory + "/run.sqlite" }

  /// Makes the database of a new run.
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

  /// Opens the database of a run to go on with it, once its format is known and its pages are whole.
  static func open(in directory: String) throws -> DatabaseQueue {
    let path = path(in: directory)
    guard FileManager.default.fileExists(atPath: path) else {
      throw StoreError(.notFound, "\(directory): no run: expected a file run.sqlite")
    }
    for suffix in ["", "-wal"] { try RegularFile.check(path + suffix) }
    try attempt(path) {
      // Looked at first, so that nothing of a newer format is written.
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

  // Of a long run, the tables of points are left out: it would take seconds to read them all, and damage in them shows
  // when they are read.
  private static func checkPages(_ database: Database, path: String) throws {
    let bytes = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
    var checks = ["PRAGMA quick_check(1)"]
    if bytes > 64 << 20 {
      checks = try String.fetchAll(
        database, sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('points', 'steps')"
      ).map { "PRAGMA quick_check('\($0)')" }
    }
    for check in checks {
      let answer = try String.fetchOne(database, sql: check) ?? "no answer"
      guard answer == "ok" else { throw StoreError(.damaged, "\(path): SQLite's check found: \(answer)") }
    }
  }

  /// Reads the database of a run at one moment, also while an engine writes it, and where nothing can be written.
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
        // SQLite can't read a database with a write-ahead log where it can't make its index beside it.
        return try withCopy(of: path) { try read(at: $0, body) }
      }
    }
  }

  /// Does `body`, with its errors as those of the file at `path`.
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

  // Not `readonly`: such a connection leaves the files of an empty write-ahead log behind. Nothing is written by reading,
  // and where nothing can be written SQLite opens the file to read by itself.
  private static var reading: Configuration {
    var configuration = Configuration()
    configuration.busyMode = .timeout(5)
    return configuration
  }

  // GRDB's WAL mode is synchronous NORMAL: a commit survives the process, the newest ones not a loss of power.
  private static var writing: Configuration {
    var configuration = Configuration()
    configuration.journalMode = .wal
    configuration.busyMode = .timeout(5)
    return configuration
  }
}
