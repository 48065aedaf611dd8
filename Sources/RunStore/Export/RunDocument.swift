import EngineProtocol
import Foundation
import TrainingMetrics

/// A run as one JSON document.
struct RunDocument: Encodable {
  struct Lane: Encodable {
    var name: String
    var description: RunDescription.Lane
    var branches: [Branch]
    var state: LaneStanding.State
  }

  struct Branch: Encodable {
    var number: Int
    /// The branch that it went off from, and where; nil for the first.
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
    // Filled in afterwards: the encoder would take seconds over a million numbers.
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

  init(_ history: RunHistory) {
    let roster = LaneRoster(history.events)
    let results = history.results
    description = history.description
    environment = history.environment
    lanes = roster.lanes.map { lane in
      let rewound = roster.branches.filter { $0.lane == lane.name }
      return Lane(
        name: lane.name, description: lane,
        branches: [Branch(number: 1)] + rewound.map { Branch(number: $0.number, parent: $0.parent, step: $0.step) },
        state: history.standing(of: lane.name).state)
    }
    series = history.orderedSeries.map { key in
      let branch = roster.branch(key.branch, of: key.lane)
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
    self.results = roster.lanes.compactMap { results[$0.name] }
  }
}

extension RunExport {
  /// The whole run as one JSON document: description, environment, lanes with their branches and results, series as
  /// steps, times and values, epochs, journal, checkpoints, results and health.
  ///
  /// Numbers that JSON has no word for are “nan”, “inf” and “-inf”.
  package static func json(_ history: RunHistory) throws -> String {
    try RunDatabase.attempt(history.description.id) {
      let document = String(decoding: try EngineJSON.encoder().encode(RunDocument(history)), as: UTF8.self)
      // Within a string, a quotation mark is escaped: these are the series' own keys, in the order of the keys' names.
      var rest = document[...]
      var text = ""
      for key in history.orderedSeries {
        let points = history.series[key] ?? []
        let times = history.wallTimes(of: key)
        for (name, count, number) in [
          ("steps", points.count, { String(points[$0].step) }), ("times", times.count, { number(times[$0]) }),
          ("values", points.count, { number(points[$0].value) }),
        ] as [(String, Int, (Int) -> String)] {
          guard let place = rest.range(of: "\"\(name)\":[]") else { break }
          text += rest[..<place.lowerBound] + "\"\(name)\":["
          for index in 0..<count {
            if index > 0 { text += "," }
            text += number(index)
          }
          text += "]"
          rest = rest[place.upperBound...]
        }
      }
      return text + rest
    }
  }

  // As the encoder writes it.
  private static func number(_ value: some BinaryFloatingPoint & CustomStringConvertible) -> String {
    guard value.isFinite else { return value.isNaN ? "\"nan\"" : value > 0 ? "\"inf\"" : "\"-inf\"" }
    let text = value.description
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
