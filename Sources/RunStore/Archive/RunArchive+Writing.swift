package import EngineProtocol
import Dispatch
import Foundation
import GRDB
import Synchronization
package import TrainingMetrics

extension RunArchive {
  /// Writes a batch atomically.
  ///
  /// `catalog`, `refused` and `engineLost` are not recorded. Of a lane's snapshots only the newest is kept.
  /// - Parameter time: when the events happened, in seconds since 1970.
  /// - Throws: `StoreError.exists` if a point of a series was already recorded; `.diskFull`.
  package func write(_ batch: RunBatch, time: Double) throws {
    let known = state.withLock { $0.identifiers }
    let identifiers = try writing { database in
      var writer = BatchWriter(database, known)
      try writer.write(batch, time: time)
      return writer.identifiers
    }
    state.withLock { $0.identifiers = identifiers }
  }

  /// Waits until all batches are on disk, so that they survive a power failure. A batch itself only survives the process.
  /// - Throws: `StoreError`.
  package func synchronize() throws {
    // What is no longer in the write-ahead log was synchronized when it moved to the database. The log has no locks, which
    // closing a descriptor would release.
    let log = RunDatabase.path(in: directory) + "-wal"
    if FileManager.default.fileExists(atPath: log) { try DurableFile.synchronize(log) }
  }

  /// Removes what a branch of a lane has recorded after `step`, so that it can be recorded again; everything of the
  /// branch if `step` is nil.
  ///
  /// Removes points, their times, epochs, layers and checkpoints, as well as the lane's result and `finished`. Changes
  /// of the lane (`applied`) and messages about the run (`health`) are kept.
  package func truncate(lane: String, branch: Int, after step: Int?) throws {
    // Step 0 precedes the first step.
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

  /// Returns everything recorded in the run's directory.
  package func history() throws -> RunHistory {
    try RunDatabase.attempt(RunDatabase.path(in: directory)) {
      try queue.read { try HistoryReader($0, directory: directory).history() }
    }
  }

  /// Returns everything recorded in a run's directory, even while an engine is writing it, and on read-only media.
  /// - Throws: `StoreError.notFound`, `.newerFormat`, `.damaged`.
  package static func history(of directory: String) throws -> RunHistory {
    let path = URL(filePath: directory).standardizedFileURL.path
    return try RunDatabase.read(path) { try HistoryReader($0, directory: path).history() }
  }

  /// Returns the run with the older points of long series summarized, and only the newest times: what is needed to show
  /// and resume it.
  /// - Parameter points: whether to include measurements.
  package func outline(points: Bool = true) throws -> RunHistory {
    if points { summarize() }
    return try RunDatabase.attempt(RunDatabase.path(in: directory)) {
      try queue.read { try HistoryReader($0, directory: directory).outline(points: points) }
    }
  }

  // Summarizes the series of a run of an older version. The summaries are computed on all cores and saved, because they take
  // long to compute. Errors are ignored: a missing summary is computed when it is needed.
  private func summarize() {
    let series = try? queue.read { database in
      let hasSketches = try Int.fetchOne(database, sql: "SELECT 1 FROM sketches LIMIT 1") != nil
      return hasSketches ? [] : try HistoryReader(database, directory: directory).seriesNames()
    }
    guard let series, !series.isEmpty else { return }
    let sketches = Mutex<[SeriesKey: MetricSeries]>([:])
    DispatchQueue.concurrentPerform(iterations: series.count) { index in
      let (id, key) = series[index]
      // One connection for each series.
      let sketch = try? RunDatabase.read(directory) { database in
        try HistoryReader(database, directory: directory).sketch(of: id)
      }
      if let sketch, sketch.isCoarse { sketches.withLock { $0[key] = sketch } }
    }
    try? write(sketches.withLock { $0 })
  }

  /// As `outline()`, for a run that an engine may be writing.
  /// - Throws: `StoreError.notFound`, `.newerFormat`, `.damaged`.
  package static func outline(of directory: String, points: Bool = true) throws -> RunHistory {
    let path = URL(filePath: directory).standardizedFileURL.path
    return try RunDatabase.read(path) { try HistoryReader($0, directory: path).outline(points: points) }
  }

  /// Returns points of a series in order, without waiting for a writer.
  /// - Parameters:
  ///   - step: only points after this step are returned.
  ///   - offset: number of points to skip.
  ///   - count: maximum number of points.
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

  /// Returns the requested points.
  /// - Throws: `StoreError`.
  package func points(_ request: PointsRequest) throws -> [MetricPoint] { try Self.points(request, of: directory) }

  /// Returns the requested points of a run that an engine may be writing.
  /// - Throws: `StoreError`.
  static func points(_ request: PointsRequest, of directory: String) throws -> [MetricPoint] {
    try RunDatabase.read(directory) { database in
      let points = try HistoryReader(database, directory: directory).points(
        of: request.key, after: max(request.first, .min + 1) - 1, limit: (0, PointsRequest.mostPoints))
      return points.filter { $0.step <= request.last }
    }
  }

  /// Writes the summaries of long series, replacing existing ones.
  package func write(_ sketches: [SeriesKey: MetricSeries]) throws {
    try writing { database in
      let table = SketchTable(database)
      for (id, key) in try HistoryReader(database, directory: directory).seriesNames() {
        if let sketch = sketches[key] { try table.write(sketch, of: id) }
      }
    }
  }

  /// Runs `body` in one transaction.
  func writing<Value>(_ body: (Database) throws -> Value) throws -> Value {
    try RunDatabase.attempt(RunDatabase.path(in: directory)) { try queue.write(body) }
  }

  /// Writes a file of the run, atomically.
  /// - Throws: `StoreError`.
  package func save(_ bytes: [UInt8], as name: String) throws {
    try DurableFile.write(Data(bytes), to: directory + "/" + name)
  }
}
