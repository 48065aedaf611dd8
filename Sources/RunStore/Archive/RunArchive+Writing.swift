package import EngineProtocol
import Foundation
import GRDB
import Synchronization
package import TrainingMetrics

extension RunArchive {
  /// Writes what is new, whole or not at all.
  ///
  /// Not recorded are `catalog`, `refused` and `engineLost`. Of a lane's snapshots the newest replaces the one before.
  /// - Parameter time: when the events happened, in seconds since 1970.
  /// - Throws: `StoreError.exists` where a point of a series was recorded already; `.diskFull`.
  package func write(_ batch: RunBatch, time: Double) throws {
    let known = state.withLock { $0.identifiers }
    let identifiers = try writing { database in
      var writer = BatchWriter(database, known)
      try writer.write(batch, time: time)
      return writer.identifiers
    }
    state.withLock { $0.identifiers = identifiers }
  }

  /// Takes back what a branch of a lane has recorded after `step`, so that it can be recorded anew; everything of the
  /// branch when `step` is nil.
  ///
  /// Points, their times, epochs, layers and checkpoints go, and with them the lane's result and `finished`. What was
  /// done to the lane (`applied`) and what is known of the run (`health`) stays.
  package func truncate(lane: String, branch: Int, after step: Int?) throws {
    // Before the first step stands step 0.
    let last = step ?? -1
    let files = try writing { database in
      let place: StatementArguments = [lane, branch, last]
      let files = try String.fetchAll(
        database, sql: "SELECT file FROM checkpoints WHERE lane = ? AND branch = ? AND step > ?", arguments: place)
      for table in ["checkpoints", "events"] {
        let kinds =
          table == "events" ? " AND kind IN ('epoch', 'layers', 'checkpointed', 'checkpointDeleted')" : ""
        try database.execute(
          sql: "DELETE FROM \(table) WHERE lane = ? AND branch = ? AND step > ?" + kinds, arguments: place)
      }
      try database.execute(
        sql: "DELETE FROM events WHERE (kind = 'laneEnded' AND lane = ?) OR kind = 'finished'", arguments: [lane])
      let branchRow = "(SELECT id FROM branches WHERE lane = ? AND number = ?)"
      try database.execute(
        sql: "DELETE FROM points WHERE series IN (SELECT id FROM series WHERE branch = \(branchRow)) AND step > ?",
        arguments: place)
      try SketchTable(database).truncate(lane: lane, branch: branch, after: last)
      try database.execute(
        sql: "DELETE FROM steps WHERE branch = \(branchRow) AND step > ?", arguments: place)
      return files
    }
    for file in files { removeCheckpointFile(file) }
  }

  /// All that the run's directory tells of it.
  package func history() throws -> RunHistory {
    try RunDatabase.attempt(RunDatabase.path(in: directory)) {
      try queue.read { try HistoryReader($0, directory: directory).history() }
    }
  }

  /// All that a run's directory tells of it, also while an engine writes it, and where nothing can be written.
  /// - Throws: `StoreError.notFound`, `.newerFormat`, `.damaged`.
  package static func history(of directory: String) throws -> RunHistory {
    let path = URL(filePath: directory).standardizedFileURL.path
    return try RunDatabase.read(path) { try HistoryReader($0, directory: path).history() }
  }

  /// What the run's directory tells of the run, with the older points of each long series summed up and of the times the
  /// newest alone: what is needed to show a run and to resume it.
  /// - Parameter points: whether what was measured is to be told at all.
  package func outline(points: Bool = true) throws -> RunHistory {
    let (history, hasSketches) = try RunDatabase.attempt(RunDatabase.path(in: directory)) {
      try queue.read { database in
        (
          try HistoryReader(database, directory: directory).outline(points: points),
          try Int.fetchOne(database, sql: "SELECT 1 FROM sketches LIMIT 1") != nil
        )
      }
    }
    // A run of an older version: what took long to sum up is kept. It can be made again, and so may fail.
    if !hasSketches { try? write(history.sketches.filter(\.value.isCoarse)) }
    return history
  }

  /// As `outline()`, of a run that an engine may be writing.
  /// - Throws: `StoreError.notFound`, `.newerFormat`, `.damaged`.
  package static func outline(of directory: String, points: Bool = true) throws -> RunHistory {
    let path = URL(filePath: directory).standardizedFileURL.path
    return try RunDatabase.read(path) { try HistoryReader($0, directory: path).outline(points: points) }
  }

  /// Some points of a series, in order. Waits for no writer.
  /// - Parameters:
  ///   - step: they come behind this step.
  ///   - offset: so many there are left out.
  ///   - count: so many there are at most.
  /// - Throws: `StoreError`.
  package func points(
    of key: SeriesKey, after step: Int, offset: Int, count: Int
  ) throws(StoreError) -> [MetricPoint] {
    do {
      return try storedPoints(of: key, after: step, offset: offset, count: count)
    } catch {
      throw StoreError(error, path: RunDatabase.path(in: directory))
    }
  }

  private func storedPoints(of key: SeriesKey, after step: Int, offset: Int, count: Int) throws -> [MetricPoint] {
    try RunDatabase.read(directory) { database in
      try HistoryReader(database, directory: directory).points(of: key, after: step, limit: (offset, count))
    }
  }

  /// The points that a client asks for.
  /// - Throws: `StoreError`.
  package func points(_ request: PointsRequest) throws -> [MetricPoint] { try Self.points(request, of: directory) }

  /// The points that a client asks for, of a run that an engine may be writing.
  /// - Throws: `StoreError`.
  static func points(_ request: PointsRequest, of directory: String) throws -> [MetricPoint] {
    try RunDatabase.read(directory) { database in
      let points = try HistoryReader(database, directory: directory).points(
        of: request.key, after: max(request.first, .min + 1) - 1, limit: (0, PointsRequest.mostPoints))
      return points.filter { $0.step <= request.last }
    }
  }

  /// Writes the summaries of long series, in place of those there were.
  package func write(_ sketches: [SeriesKey: MetricSeries]) throws {
    try writing { database in
      let table = SketchTable(database)
      for (id, key) in try HistoryReader(database, directory: directory).seriesNames() {
        if let sketch = sketches[key] { try table.write(sketch, of: id) }
      }
    }
  }

  /// Does `body` in one transaction.
  func writing<Value>(_ body: (Database) throws -> Value) throws -> Value {
    try RunDatabase.attempt(RunDatabase.path(in: directory)) { try queue.write(body) }
  }

  /// Writes a file of the run's own; it is there whole or not at all.
  /// - Throws: `StoreError`.
  package func save(_ bytes: [UInt8], as name: String) throws {
    try DurableFile.write(Data(bytes), to: directory + "/" + name)
  }
}
