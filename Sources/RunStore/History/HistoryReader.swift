import EngineProtocol
import Foundation
import GRDB
import TrainingMetrics

/// Reads a run's database within one read transaction.
struct HistoryReader {
  private let database: Database
  private let directory: String
  private let decoder = EngineJSON.decoder()

  init(_ database: Database, directory: String) {
    self.database = database
    self.directory = directory
  }

  /// All that there is.
  func history() throws -> RunHistory {
    let meta = try meta()
    let events = try events()
    let machine = try meta["environment"].map { try decode([String: String].self, $0) }
    return RunHistory(
      description: try description(events, meta: meta), environment: machine ?? [:], events: events,
      series: try series(), times: try times(), snapshots: try snapshots(events))
  }

  /// All events, or those of some kinds, in order; `started` first, with the directory where the run is now.
  func events(ofKinds kinds: [String]? = nil) throws -> [RecordedEvent] {
    let filter = kinds.map { " WHERE kind IN (\($0.map { "'\($0)'" }.joined(separator: ", ")))" } ?? ""
    let rows = try Row.fetchCursor(
      database, sql: "SELECT time, kind, json FROM events\(filter) ORDER BY kind != 'started', sequence")
    var events: [RecordedEvent] = []
    while let row = try rows.next() {
      let (kind, json): (String, Data) = (row[1], row[2])
      let event = try decoding { try EventRow.event(kind: kind, json: json, decoder: decoder) }
      if case .started(let run) = event {
        events.append(RecordedEvent(time: row[0], .started(located(run))))
      } else {
        events.append(RecordedEvent(time: row[0], event))
      }
    }
    return events
  }

  /// The run as it was started; of one that never was, all that is known: its name and its time.
  func description(_ events: [RecordedEvent], meta: [String: String]) throws -> RunDescription {
    for case .started(let run) in events.reversed().map(\.event) { return run }
    return located(
      RunDescription(
        startedAt: meta["startedAt"].flatMap(Double.init) ?? 0, name: meta["name"] ?? "", dataset: "",
        datasetOrigin: "", trainingCount: 0, validationCount: 0, testCount: 0, classes: [], seed: 0, lanes: []))
  }

  /// What the run was made with.
  func meta() throws -> [String: String] {
    let rows = try Row.fetchAll(database, sql: "SELECT key, value FROM meta")
    return Dictionary(rows.map { ($0[0], $0[1]) }) { $1 }
  }

  /// How the lanes stood, in the order of the lanes.
  func snapshots(_ events: [RecordedEvent]) throws -> [LaneSnapshot] {
    let snapshots = try String.fetchAll(database, sql: "SELECT json FROM snapshots").map {
      try decode(LaneSnapshot.self, $0)
    }
    let names = LaneRoster(events).lanes.map(\.name)
    let places = Dictionary(names.enumerated().map { ($1, $0) }) { first, _ in first }
    return snapshots.sorted { (places[$0.name] ?? .max, $0.name) < (places[$1.name] ?? .max, $1.name) }
  }

  private func series() throws -> [SeriesKey: [MetricPoint]] {
    var series: [SeriesKey: [MetricPoint]] = [:]
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT series.id, lane, number, metric, layer FROM series JOIN branches ON branches.id = series.branch
        """)
    for row in rows {
      let name: String = row[3]
      guard let metric = Metric(rawValue: name) else {
        throw StoreError(.damaged, "\(directory)/run.sqlite: expected a metric, found “\(name)”")
      }
      let id: Int64 = row[0]
      let cursor = try Row.fetchCursor(
        database, sql: "SELECT step, value FROM points WHERE series = ? ORDER BY step", arguments: [id])
      var points: [MetricPoint] = []
      while let point = try cursor.next() {
        let value: Double? = point[1]
        points.append(MetricPoint(step: point[0], value: value.map { Float($0) } ?? .nan))
      }
      // A series that was taken back whole is none.
      guard !points.isEmpty else { continue }
      series[SeriesKey(lane: row[1], branch: row[2], MetricKey(metric, layer: row[4]))] = points
    }
    return series
  }

  private func times() throws -> [BranchKey: [StepTime]] {
    var times: [BranchKey: [StepTime]] = [:]
    for row in try Row.fetchAll(database, sql: "SELECT id, lane, number FROM branches") {
      let id: Int64 = row[0]
      let cursor = try Row.fetchCursor(
        database, sql: "SELECT step, time FROM steps WHERE branch = ? ORDER BY step", arguments: [id])
      var steps: [StepTime] = []
      while let step = try cursor.next() { steps.append(StepTime(step: step[0], time: step[1])) }
      if !steps.isEmpty { times[BranchKey(lane: row[1], branch: row[2])] = steps }
    }
    return times
  }

  // The directory may have been copied or renamed since.
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
