import EngineProtocol
import Foundation
import GRDB
import TrainingMetrics

/// The table `sketches` in a transaction: the summary of each long series, up to some step.
struct SketchTable {
  private let database: Database

  init(_ database: Database) { self.database = database }

  /// Writes the summary of a series, replacing an existing one.
  func write(_ sketch: MetricSeries, of series: Int64) throws {
    guard let data = PackedSeries.data(of: sketch) else { return }
    try database.cachedStatement(sql: "INSERT OR REPLACE INTO sketches VALUES (?, ?)")
      .execute(arguments: [series, data])
  }

  /// Returns the valid summary of a series, up to the last recorded step. Empty if there is none, or if a version
  /// without summaries has recorded other points since.
  func sketch(of series: Int64) throws -> MetricSeries {
    guard try database.tableExists("sketches"),
      let data = try Data.fetchOne(database, sql: "SELECT data FROM sketches WHERE series = ?", arguments: [series]),
      var sketch = PackedSeries.series(data),
      let newest = try Int.fetchOne(
        database, sql: "SELECT max(step) FROM points WHERE series = ?", arguments: [series])
    else { return MetricSeries() }
    sketch.removeAll(after: newest)
    guard let last = sketch.last, sketch.bucketCount < sketch.count else { return sketch }
    let row = try Row.fetchOne(
      database, sql: "SELECT value FROM points WHERE series = ? AND step = ?", arguments: [series, last.step])
    let value: Double? = row?[0]
    let isSame = value.map { Float($0).bitPattern == last.value.bitPattern } ?? last.value.isNaN
    return row != nil && isSame ? sketch : MetricSeries()
  }

  /// Removes steps after `step` from the summaries of a branch.
  func truncate(lane: String, branch: Int, after step: Int) throws {
    let rows = try Int64.fetchAll(
      database,
      sql: """
        SELECT series.id FROM series JOIN branches ON branches.id = series.branch WHERE lane = ? AND number = ?
        """, arguments: [lane, branch])
    for id in rows {
      guard let data = try Data.fetchOne(database, sql: "SELECT data FROM sketches WHERE series = ?", arguments: [id]),
        var sketch = PackedSeries.series(data), let last = sketch.last, last.step > step
      else { continue }
      sketch.removeAll(after: step)
      try write(sketch, of: id)
    }
  }
}
