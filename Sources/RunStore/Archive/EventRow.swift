import EngineProtocol
import Foundation

/// An event as a row of `events`: its kind, what it is about, and its payload as JSON.
struct EventRow {
  private struct Applied: Codable {
    var command: CommandID
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

  /// The row of an event; nil for what is not recorded, and for points, which have a table of their own.
  init?(_ event: EngineEvent) throws {
    switch event {
    case .catalog, .downloadEnded, .refused, .engineLost, .points, .sketch, .stretch: return nil
    case .started(let run): try self.init("started", run)
    case .laneAdded(let lane): try self.init("laneAdded", lane: lane.name, lane)
    case .branched(let branch):
      try self.init("branched", lane: branch.lane, branch: branch.number, step: branch.step, branch)
    case .epoch(let report):
      try self.init("epoch", lane: report.lane, branch: report.branch, step: report.step, report)
    case .layers(let report):
      try self.init("layers", lane: report.lane, branch: report.branch, step: report.step, report)
    case .applied(let command, let entry):
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

  /// The event of a row's kind and payload.
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
      let applied = try payload(Applied.self)
      return .applied(applied.command, applied.entry)
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
