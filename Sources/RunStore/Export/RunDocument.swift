import EngineProtocol
import Foundation
import TrainingMetrics

/// A run as a JSON document.
struct RunDocument: Encodable {
  struct Lane: Encodable {
    var name: String
    var description: RunDescription.Lane
    var branches: [Branch]
    var state: LaneStanding.State
  }

  struct Branch: Encodable {
    var number: Int
    /// The parent branch; nil for the first branch.
    var parent: Int?
    var step: Int?
  }

  struct Series: Encodable {
    var lane: String
    var branch: Int
    var parent: Int?
    var parentStep: Int?
    var metric: Metric
    var layer: String?
    // Filled in afterwards, because the encoder would take seconds for a million numbers.
    var steps: [Int] = []
    var times: [Double] = []
    var values: [Float] = []
  }

  struct Entry: Encodable {
    var time: Double
    var entry: JournalEntry
  }

  var description: RunDescription
  var environment: [String: String]
  var lanes: [Lane]
  var series: [Series]
  var epochs: [EpochReport] = []
  var journal: [Entry] = []
  var checkpoints: [Checkpoint] = []
  var results: [LaneResult] = []
  var health: [HealthReport] = []

  init(_ history: RunHistory, series keys: [SeriesKey]) {
    let lineage = history.lineage
    description = history.description
    environment = history.environment
    lanes = lineage.lanes.map { lane in
      let name = lane.description.name
      let branches = lane.lineage.branches.map { Branch(number: $0.number, parent: $0.parent, step: $0.step) }
      return Lane(
        name: name, description: lane.description, branches: [Branch(number: 1)] + branches,
        state: history.standing(of: name).state)
    }
    series = keys.map { key in
      let branch = lineage.lane(key.lane)?.beginning(of: key.branch)
      return Series(
        lane: key.lane, branch: key.branch, parent: branch?.parent, parentStep: branch?.step, metric: key.key.metric,
        layer: key.key.layer)
    }
    for recorded in history.events {
      switch recorded.event {
      case .epoch(let report): epochs.append(report)
      case .applied(_, let entry): journal.append(Entry(time: recorded.time, entry: entry))
      case .health(let report): health.append(report)
      default: break
      }
    }
    checkpoints = history.checkpoints
    results = lineage.lanes.compactMap(\.result)
  }
}

extension RunExport {
  /// Writes the whole run as one JSON document: description, environment, lanes with branches and results, series as
  /// steps, times and values, epochs, journal, checkpoints, results and health.
  ///
  /// Numbers that JSON cannot represent are the strings “nan”, “inf” and “-inf”.
  /// - Parameter write: receives the document in pieces.
  /// - Throws: `StoreError`; errors of `write` unchanged.
  package func json(to write: @escaping (String) throws -> Void) throws {
    let document = try RunDatabase.attempt(history.description.id) {
      String(decoding: try EngineJSON.encoder().encode(RunDocument(history, series: keys)), as: UTF8.self)
    }
    // Quotation marks inside strings are escaped, so these are the keys of the series, in the order of their names.
    var rest = document[...]
    var text = TextBuffer(write)
    for key in keys {
      let series = try series(key)
      let points = series.points
      for (name, number) in [
        ("steps", { String(points[$0].step) }), ("times", { Self.number(series.times[$0]) }),
        ("values", { Self.number(points[$0].value) }),
      ] as [(String, (Int) -> String)] {
        guard let place = rest.range(of: "\"\(name)\":[]") else { break }
        try text.append(rest[..<place.lowerBound] + "\"\(name)\":[")
        for index in points.indices {
          if index > 0 { try text.append(",") }
          try text.append(number(index))
        }
        try text.append("]")
        rest = rest[place.upperBound...]
      }
    }
    try text.append(rest)
    try text.flush()
  }

  /// Returns the document as one text.
  package func json() throws -> String {
    var text = ""
    try json { text += $0 }
    return text
  }

  // In the form of the encoder.
  private static func number(_ value: some BinaryFloatingPoint & CustomStringConvertible) -> String {
    guard value.isFinite else { return value.isNaN ? "\"nan\"" : value > 0 ? "\"inf\"" : "\"-inf\"" }
    let text = value.description
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
