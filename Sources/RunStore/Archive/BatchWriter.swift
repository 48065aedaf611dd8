package import EngineProtocol
import Foundation
import GRDB
import TrainingMetrics

/// Writes a batch in one transaction.
struct BatchWriter {
  /// The known rows of `branches` and `series`.
  struct Identifiers: Sendable {
    var branches: [BranchKey: Int64] = [:]
    var series: [SeriesKey: Int64] = [:]
  }

  private let database: Database
  /// Includes what the transaction has added, so it must only be kept after a commit.
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
      // SQLite stores NaN as NULL.
      return [series, point.step, point.value.isNaN ? nil : Double(point.value)]
    } refused: { place in
      let name = [key.lane, key.key.metric.rawValue, key.key.layer].compactMap { $0 }.joined(separator: " ")
      return StoreError(
        .exists,
        "\(database.description): step \(points[place].step) of \(name), branch \(key.branch), was already recorded")
    }
  }

  // Several rows per statement, because each statement costs as much as writing several rows.
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
        // One of them existed already: inserts the rows one by one to find out which.
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
    // A step has points of an update and of a validation after it: the first time counts.
    try insert(times.count, into: "INSERT OR IGNORE INTO steps VALUES", width: 3) { place in
      [branch, times[place].step, times[place].time]
    } refused: { place in
      StoreError(.exists, "\(database.description): the time of step \(times[place].step) was already recorded")
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

/// What is new in a run since the last write.
package struct RunBatch: Sendable {
  /// Events in order, including points.
  package var events: [EngineEvent]
  /// When the steps of the points were recorded.
  package var times: [BranchKey: [StepTime]]
  /// The lanes' states.
  package var snapshots: [LaneSnapshot]

  /// A batch.
  package init(events: [EngineEvent] = [], times: [BranchKey: [StepTime]] = [:], snapshots: [LaneSnapshot] = []) {
    self.events = events
    self.times = times
    self.snapshots = snapshots
  }
}

/// An event as a row of `events`: its kind, its subject, and its payload as JSON.
struct EventRow {
  private struct Applied: Codable {
    var command: CommandID
    var entry: JournalEntry
  }

  private struct Recorded: Decodable {
    var entry: JournalEntry
  }

  private struct Place: Codable {
    var lane: String
    var branch: Int
    var step: Int
  }

  let kind: String
  let lane: String?
  let branch: Int?
  let step: Int?
  let json: String

  private init(
    _ kind: String, lane: String? = nil, branch: Int? = nil, step: Int? = nil, _ payload: some Encodable
  ) throws {
    self.kind = kind
    self.lane = lane
    self.branch = branch
    self.step = step
    json = String(decoding: try EngineJSON.encoder().encode(payload), as: UTF8.self)
  }

  /// The row of an event; nil for events that are not recorded, and for points, which have their own table.
  init?(_ event: EngineEvent) throws {
    switch event {
    case .catalog, .downloadEnded, .refused, .engineLost, .points, .sketch, .stretch, .lanePacked, .laneTimed,
      .laneExported, .laneInspected, .laneClassified, .imageAnswered, .rateFound, .momentsCompared, .weightsRead,
      .deploymentFailed:
      return nil
    case .started(let run): try self.init("started", run)
    case .laneAdded(let lane): try self.init("laneAdded", lane: lane.name, lane)
    case .branched(let branch):
      try self.init("branched", lane: branch.lane, branch: branch.number, step: branch.step, branch)
    case .epoch(let report):
      try self.init("epoch", lane: report.lane, branch: report.branch, step: report.step, report)
    case .layers(let report):
      try self.init("layers", lane: report.lane, branch: report.branch, step: report.step, report)
    case .applied(let command, var entry):
      entry.unrecorded = nil
      try self.init(
        "applied", lane: entry.lane, branch: entry.branch, step: entry.step, Applied(command: command, entry: entry))
    case .checkpointed(let checkpoint):
      try self.init(
        "checkpointed", lane: checkpoint.lane, branch: checkpoint.branch, step: checkpoint.step, checkpoint)
    case .checkpointDeleted(let lane, let branch, let step):
      let place = Place(lane: lane, branch: branch, step: step)
      try self.init("checkpointDeleted", lane: lane, branch: branch, step: step, place)
    case .health(let report): try self.init("health", report)
    case .laneEnded(let result): try self.init("laneEnded", lane: result.lane, step: result.steps, result)
    case .finished: try self.init("finished", [String: String]())
    case .failed(let words, _): try self.init("failed", words)
    }
  }

  /// Decodes the event in a row.
  /// - Throws: `DecodingError`; `StoreError.damaged` for an unknown kind.
  static func event(kind: String, json: Data, decoder: JSONDecoder) throws -> EngineEvent {
    func payload<Payload: Decodable>(_ type: Payload.Type = Payload.self) throws -> Payload {
      try decoder.decode(type, from: json)
    }
    switch kind {
    case "started": return .started(try payload())
    case "laneAdded": return .laneAdded(try payload())
    case "branched": return .branched(try payload())
    case "epoch": return .epoch(try payload())
    case "layers": return .layers(try payload())
    case "applied":
      // The engine that answered the command is gone: no client of another engine may take this for its own answer.
      return .applied(.unasked, try payload(Recorded.self).entry)
    case "checkpointed": return .checkpointed(try payload())
    case "checkpointDeleted":
      let place = try payload(Place.self)
      return .checkpointDeleted(lane: place.lane, branch: place.branch, step: place.step)
    case "health": return .health(try payload())
    case "laneEnded": return .laneEnded(try payload())
    case "finished": return .finished
    case "failed": return .failed(try payload())
    default: throw StoreError(.damaged, "expected a kind of event, found “\(kind)”")
    }
  }
}
