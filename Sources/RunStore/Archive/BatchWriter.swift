import EngineProtocol
import Foundation
import GRDB
import TrainingMetrics

/// Writes a batch within one transaction.
struct BatchWriter {
  /// The rows of `branches` and `series` as far as they are known.
  struct Identifiers: Sendable {
    var branches: [BranchKey: Int64] = [:]
    var series: [SeriesKey: Int64] = [:]
  }

  private let database: Database
  /// Holds what the transaction has added; to be kept only when it is committed.
  private(set) var identifiers: Identifiers

  init(_ database: Database, _ identifiers: Identifiers) {
    self.database = database
    self.identifiers = identifiers
  }

  /// Writes `batch` as of `time`, in seconds since 1970.
  mutating func write(_ batch: RunBatch, time: Double) throws {
    let insertion = try database.cachedStatement(
      sql: "INSERT INTO events (time, kind, lane, branch, step, json) VALUES (?, ?, ?, ?, ?, ?)")
    for event in batch.events {
      if case .points(let lane, let branch, let key, let points) = event {
        try write(points, of: SeriesKey(lane: lane, branch: branch, key))
      } else if let row = try EventRow(event) {
        try insertion.execute(arguments: [time, row.kind, row.lane, row.branch, row.step, row.json])
      }
    }
    for (branch, times) in batch.times { try write(times, of: branch) }
    let encoder = EngineJSON.encoder()
    for snapshot in batch.snapshots {
      try database.cachedStatement(sql: "INSERT OR REPLACE INTO snapshots VALUES (?, ?)")
        .execute(arguments: [snapshot.name, String(decoding: encoder.encode(snapshot), as: UTF8.self)])
    }
  }

  private mutating func write(_ points: [MetricPoint], of key: SeriesKey) throws {
    let series = try identifier(of: key)
    try insert(points.count, into: "INSERT INTO points VALUES", width: 3) { place in
      let point = points[place]
      // SQLite makes NULL of NaN.
      return [series, point.step, point.value.isNaN ? nil : Double(point.value)]
    } refused: { place in
      let name = [key.lane, key.key.metric.rawValue, key.key.layer].compactMap { $0 }.joined(separator: " ")
      return StoreError(
        .exists,
        "\(database.description): step \(points[place].step) of \(name), branch \(key.branch), was recorded already")
    }
  }

  // Many rows a statement: by itself, each costs as much as writing several.
  private static let rowsAtOnce = 64

  private func insert(
    _ count: Int, into sql: String, width: Int, _ row: (Int) -> [(any DatabaseValueConvertible)?],
    refused: (Int) -> any Error
  ) throws {
    let mark = "(" + Array(repeating: "?", count: width).joined(separator: ",") + ")"
    let many = try database.cachedStatement(
      sql: "\(sql) " + Array(repeating: mark, count: Self.rowsAtOnce).joined(separator: ","))
    let one = try database.cachedStatement(sql: "\(sql) \(mark)")
    var place = 0
    while place < count {
      let isBlock = place + Self.rowsAtOnce <= count
      do {
        if isBlock {
          many.setUncheckedArguments(StatementArguments((place..<place + Self.rowsAtOnce).flatMap(row)))
          try many.execute()
          place += Self.rowsAtOnce
          continue
        }
      } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
        // One of them was there: which, the rows tell one by one.
      }
      for single in place..<min(count, place + Self.rowsAtOnce) {
        do {
          one.setUncheckedArguments(StatementArguments(row(single)))
          try one.execute()
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
          throw refused(single)
        }
      }
      place += Self.rowsAtOnce
    }
  }

  private mutating func write(_ times: [StepTime], of branch: BranchKey) throws {
    let branch = try identifier(of: branch)
    // A step has points of an update and of a validation after it: the first time holds.
    try insert(times.count, into: "INSERT OR IGNORE INTO steps VALUES", width: 3) { place in
      [branch, times[place].step, times[place].time]
    } refused: { place in
      StoreError(.exists, "\(database.description): the time of step \(times[place].step) was recorded already")
    }
  }

  private mutating func identifier(of branch: BranchKey) throws -> Int64 {
    if let known = identifiers.branches[branch] { return known }
    let arguments: StatementArguments = [branch.lane, branch.branch]
    let found =
      try Int64.fetchOne(
        database, sql: "SELECT id FROM branches WHERE lane = ? AND number = ?", arguments: arguments)
      ?? insert("INSERT INTO branches (lane, number) VALUES (?, ?)", arguments)
    identifiers.branches[branch] = found
    return found
  }

  private mutating func identifier(of series: SeriesKey) throws -> Int64 {
    if let known = identifiers.series[series] { return known }
    let branch = try identifier(of: BranchKey(lane: series.lane, branch: series.branch))
    let arguments: StatementArguments = [branch, series.key.metric.rawValue, series.key.layer]
    let found =
      try Int64.fetchOne(
        database, sql: "SELECT id FROM series WHERE branch = ? AND metric = ? AND layer IS ?", arguments: arguments)
      ?? insert("INSERT INTO series (branch, metric, layer) VALUES (?, ?, ?)", arguments)
    identifiers.series[series] = found
    return found
  }

  private func insert(_ sql: String, _ arguments: StatementArguments) throws -> Int64 {
    try database.execute(sql: sql, arguments: arguments)
    return database.lastInsertedRowID
  }
}
