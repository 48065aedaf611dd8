import EngineProtocol
import Foundation
import GRDB
import TrainingMetrics

/// Reads a run's database in one read transaction.
struct HistoryReader {
  private let database: Database
  private let directory: String
  private let decoder = EngineJSON.decoder()

  init(_ database: Database, directory: String) {
    self.database = database
    self.directory = directory
  }

  /// Returns everything.
  func history() throws -> RunHistory {
    let meta = try meta()
    let events = try events()
    let machine = try meta["environment"].map { try decode([String: String].self, $0) }
    return try withLostCheckpoints(
      RunHistory(
        description: try description(events, meta: meta), environment: machine ?? [:], events: events,
        series: try series(), times: try times(), snapshots: try snapshots(events)))
  }

  /// Returns what is needed to show and resume the run; see `RunArchive.outline`.
  func outline(points: Bool = true) throws -> RunHistory {
    let meta = try meta()
    let events = try events()
    let machine = try meta["environment"].map { try decode([String: String].self, $0) }
    var sketches: [SeriesKey: MetricSeries] = [:]
    for (id, key) in points ? try seriesNames() : [] {
      let sketch = try sketch(of: id)
      // A series without points was removed by a truncation.
      if sketch.count > 0 { sketches[key] = sketch }
    }
    return try withLostCheckpoints(
      RunHistory(
        description: try description(events, meta: meta), environment: machine ?? [:], events: events,
        sketches: sketches, times: points ? try newestTimes() : [:], snapshots: try snapshots(events)))
  }

  // Rows without a file are removed when the run is next opened.
  private func withLostCheckpoints(_ history: RunHistory) throws -> RunHistory {
    let there = try CheckpointRow.all(database).filter {
      FileManager.default.fileExists(atPath: "\(directory)/checkpoints/\($0.file)")
    }
    var history = history
    history.lostCheckpoints = history.checkpoints.filter { checkpoint in
      !there.contains { $0.checkpoint.isSamePlace(as: checkpoint) }
    }
    return history
  }

  /// Returns the row IDs and names of all series.
  func seriesNames() throws -> [(id: Int64, key: SeriesKey)] {
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT series.id, lane, number, metric, layer FROM series JOIN branches ON branches.id = series.branch
        """)
    return try rows.map { row in
      let name: String = row[3]
      guard let metric = Metric(rawValue: name) else {
        throw StoreError(.damaged, "\(directory)/run.sqlite: expected a metric, found “\(name)”")
      }
      return (row[0], SeriesKey(lane: row[1], branch: row[2], MetricKey(metric, layer: row[4])))
    }
  }

  /// Returns the points of a series after a step, in order.
  /// - Parameter limit: number of points to skip, and maximum number of points.
  func points(of series: Int64, after step: Int, limit: (offset: Int, count: Int)) throws -> [MetricPoint] {
    let cursor = try pointCursor(of: series, after: step, limit: limit)
    var points: [MetricPoint] = []
    while let row = try cursor.next() { points.append(Self.point(row)) }
    return points
  }

  /// Returns the points of a series by name; empty if there is no such series.
  func points(of key: SeriesKey, after step: Int, limit: (offset: Int, count: Int)) throws -> [MetricPoint] {
    guard let id = try seriesNames().first(where: { $0.key == key })?.id else { return [] }
    return try points(of: id, after: step, limit: limit)
  }

  /// Returns whether a series has a point.
  func hasPoints(_ series: Int64) throws -> Bool {
    try Row.fetchOne(database, sql: "SELECT 1 FROM points WHERE series = ? LIMIT 1", arguments: [series]) != nil
  }

  /// Returns the times of a branch's steps, in order.
  func times(of branch: BranchKey) throws -> [StepTime] {
    let id = try Int64.fetchOne(
      database, sql: "SELECT id FROM branches WHERE lane = ? AND number = ?",
      arguments: [branch.lane, branch.branch])
    return try id.map { try times(ofBranch: $0, from: .min) } ?? []
  }

  private func times(ofBranch id: Int64, from step: Int) throws -> [StepTime] {
    let cursor = try Row.fetchCursor(
      database, sql: "SELECT step, time FROM steps WHERE branch = ? AND step >= ? ORDER BY step", arguments: [id, step])
    var steps: [StepTime] = []
    while let step = try cursor.next() { steps.append(StepTime(step: step[0], time: step[1])) }
    return steps
  }

  /// Returns the summary of a series, with the points after it.
  func sketch(of series: Int64) throws -> MetricSeries {
    var sketch = try SketchTable(database).sketch(of: series)
    let last = sketch.last?.step ?? .min
    let count = try Int.fetchOne(
      database, sql: "SELECT count(*) FROM points WHERE series = ? AND step > ?", arguments: [series, last])
    guard let count, count > 0 else { return sketch }
    if let first = try firstStep(of: series, after: last, ofEvery: count) {
      var step = first
      let values = try Optional<Double>.fetchCursor(
        database, sql: "SELECT value FROM points WHERE series = ? AND step > ? ORDER BY step",
        arguments: [series, last])
      try sketch.append(count: count) {
        guard let value = try values.next() else { return nil }
        defer { step += 1 }
        return MetricPoint(step: step, value: value.map { Float($0) } ?? .nan)
      }
    } else {
      let cursor = try pointCursor(of: series, after: last)
      try sketch.append(count: count) { try cursor.next().map(Self.point) }
    }
    return sketch
  }

  // The step of the first of `count` points behind a step where each step has one, as in most series; nil where some have
  // none. To read the values alone takes a third less time.
  private func firstStep(of series: Int64, after last: Int, ofEvery count: Int) throws -> Int? {
    func step(_ function: String) throws -> Int? {
      try Int.fetchOne(
        database, sql: "SELECT \(function)(step) FROM points WHERE series = ? AND step > ?", arguments: [series, last])
    }
    guard let first = try step("min"), let newest = try step("max"), newest - first == count - 1 else { return nil }
    return first
  }

  private func pointCursor(
    of series: Int64, after step: Int, limit: (offset: Int, count: Int) = (0, -1)
  ) throws -> RowCursor {
    try Row.fetchCursor(
      database, sql: "SELECT step, value FROM points WHERE series = ? AND step > ? ORDER BY step LIMIT ? OFFSET ?",
      arguments: [series, step, limit.count, limit.offset])
  }

  private static func point(_ row: Row) -> MetricPoint {
    let value: Double? = row[1]
    return MetricPoint(step: row[0], value: value.map { Float($0) } ?? .nan)
  }

  // The times of the newest points of each branch, and of points that follow.
  private func newestTimes() throws -> [BranchKey: [StepTime]] {
    var times: [BranchKey: [StepTime]] = [:]
    for row in try Row.fetchAll(database, sql: "SELECT id, lane, number FROM branches") {
      let id: Int64 = row[0]
      let newest = try Int64.fetchAll(database, sql: "SELECT id FROM series WHERE branch = ?", arguments: [id])
        .compactMap {
          try Int.fetchOne(database, sql: "SELECT max(step) FROM points WHERE series = ?", arguments: [$0])
        }.max()
      let steps = try self.times(ofBranch: id, from: newest ?? .min)
      if !steps.isEmpty { times[BranchKey(lane: row[1], branch: row[2])] = steps }
    }
    return times
  }

  /// Returns all events, or those of some kinds, in order, starting with `started`, which contains the current
  /// directory.
  func events(ofKinds kinds: [String]? = nil) throws -> [RecordedEvent] {
    let filter = kinds.map { " WHERE kind IN (\($0.map { "'\($0)'" }.joined(separator: ", ")))" } ?? ""
    let rows = try Row.fetchCursor(
      database, sql: "SELECT time, kind, json FROM events\(filter) ORDER BY kind != 'started', sequence")
    var events: [RecordedEvent] = []
    while let row = try rows.next() {
      let (kind, json): (String, Data) = (row[1], row[2])
      let event = try decoding { try EventRow.event(kind: kind, json: json, decoder: decoder) }
      switch event {
      case .started(let run): events.append(RecordedEvent(time: row[0], .started(located(run))))
      case .epoch(var report):
        // Reports of older versions have no time.
        report.time = report.time ?? row[0]
        events.append(RecordedEvent(time: row[0], .epoch(report)))
      default: events.append(RecordedEvent(time: row[0], event))
      }
    }
    return events
  }

  /// Returns the description of the run; if it never started, only its name and time.
  func description(_ events: [RecordedEvent], meta: [String: String]) throws -> RunDescription {
    for case .started(let run) in events.reversed().map(\.event) { return run }
    return located(
      RunDescription(
        startedAt: meta["startedAt"].flatMap(Double.init) ?? 0, name: meta["name"] ?? "", dataset: "",
        datasetOrigin: "", trainingCount: 0, validationCount: 0, testCount: 0, classes: [], seed: 0, lanes: []))
  }

  /// Returns the run's metadata.
  func meta() throws -> [String: String] {
    let rows = try Row.fetchAll(database, sql: "SELECT key, value FROM meta")
    return Dictionary(rows.map { ($0[0], $0[1]) }) { $1 }
  }

  /// Returns the lanes' states in lane order.
  func snapshots(_ events: [RecordedEvent]) throws -> [LaneSnapshot] {
    let snapshots = try String.fetchAll(database, sql: "SELECT json FROM snapshots").map {
      try decode(LaneSnapshot.self, $0)
    }
    let names = RunLineage(events).lanes.map(\.description.name)
    let places = Dictionary(names.enumerated().map { ($1, $0) }) { first, _ in first }
    return snapshots.sorted { (places[$0.name] ?? .max, $0.name) < (places[$1.name] ?? .max, $1.name) }
  }

  private func series() throws -> [SeriesKey: [MetricPoint]] {
    var series: [SeriesKey: [MetricPoint]] = [:]
    for (id, key) in try seriesNames() {
      let points = try points(of: id, after: .min, limit: (0, -1))
      // A series without points was removed by a truncation.
      if !points.isEmpty { series[key] = points }
    }
    return series
  }

  private func times() throws -> [BranchKey: [StepTime]] {
    var times: [BranchKey: [StepTime]] = [:]
    for row in try Row.fetchAll(database, sql: "SELECT id, lane, number FROM branches") {
      let steps = try self.times(ofBranch: row[0], from: .min)
      if !steps.isEmpty { times[BranchKey(lane: row[1], branch: row[2])] = steps }
    }
    return times
  }

  // The directory may have been copied or renamed.
  private func located(_ run: RunDescription) -> RunDescription {
    var run = run
    run.id = (directory as NSString).lastPathComponent
    run.directory = directory
    return run
  }

  private func decode<Value: Decodable>(_ type: Value.Type, _ json: String) throws -> Value {
    try decoding { try decoder.decode(type, from: Data(json.utf8)) }
  }

  private func decoding<Value>(_ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let error as DecodingError {
      throw StoreError(.damaged, "\(directory)/run.sqlite: expected an event or a snapshot as JSON, found: \(error)")
    }
  }
}
