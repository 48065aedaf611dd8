import EngineProtocol

/// Only `protocol` must be there.
extension Hello: Codable {
  private enum CodingKeys: String, CodingKey {
    case client, points, snapshots, history, sketches, program
    case version = "protocol"
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      client: try container.decodeIfPresent(String.self, forKey: .client) ?? "",
      points: try container.decodeIfPresent(PointsForm.self, forKey: .points) ?? .numbers,
      wantsSnapshots: try container.decodeIfPresent(Bool.self, forKey: .snapshots) ?? true,
      wantsHistory: try container.decodeIfPresent(Bool.self, forKey: .history) ?? true,
      takesSketches: try container.decodeIfPresent(Bool.self, forKey: .sketches) ?? false,
      program: try container.decodeIfPresent(String.self, forKey: .program),
      version: try container.decode(Int.self, forKey: .version))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(version, forKey: .version)
    try container.encode(client, forKey: .client)
    try container.encode(points, forKey: .points)
    try container.encode(wantsSnapshots, forKey: .snapshots)
    try container.encode(wantsHistory, forKey: .history)
    if takesSketches { try container.encode(takesSketches, forKey: .sketches) }
    try container.encodeIfPresent(program, forKey: .program)
  }
}
