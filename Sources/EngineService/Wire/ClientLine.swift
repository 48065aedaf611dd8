package import EngineProtocol

/// A line from a client.
package enum ClientLine: Hashable, Sendable {
  /// The first line.
  case hello(Hello)
  /// A command with its ID.
  case command(Int, EngineCommand)
  /// A ping, which is immediately answered by `ServerLine.pong` with the same number.
  case ping(Int)
}

/// `{"hello":{…}}`, `{"ping":7}` or `{"id":3,"command":…}`; without `id`, a command has the ID 0.
extension ClientLine: Codable {
  private enum CodingKeys: String, CodingKey {
    case hello, id, ping
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    if container.contains(.hello) {
      self = .hello(try container.decode(Hello.self, forKey: .hello))
    } else if container.contains(.ping) {
      self = .ping(try container.decode(Int.self, forKey: .ping))
    } else {
      self = .command(try container.decodeIfPresent(Int.self, forKey: .id) ?? 0, try EngineCommand(from: decoder))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .hello(let hello): try container.encode(hello, forKey: .hello)
    case .ping(let number): try container.encode(number, forKey: .ping)
    case .command(let id, let command):
      try container.encode(id, forKey: .id)
      try command.encode(to: encoder)
    }
  }
}

/// A client's first line: its name, and the messages that it wants to receive.
package struct Hello: Hashable, Sendable {
  /// The version of its protocol.
  package var version: Int
  /// Its name, for the journal.
  package var client: String
  /// The encoding of the points of metric series.
  package var points: PointsForm
  /// Whether it wants snapshots.
  package var wantsSnapshots: Bool
  /// Whether it wants past events.
  package var wantsHistory: Bool

  /// Whether the older points of a long series may be summarized, as `EngineEvent.sketch`.
  package var takesSketches: Bool
  /// The program's version; nil if the client is not signflip.
  package var program: String?

  /// A client with this version of the protocol.
  package init(
    client: String, points: PointsForm, wantsSnapshots: Bool = true, wantsHistory: Bool = true,
    takesSketches: Bool = false, program: String? = nil, version: Int = WireProtocol.version
  ) {
    self.version = version
    self.client = client
    self.points = points
    self.wantsSnapshots = wantsSnapshots
    self.wantsHistory = wantsHistory
    self.takesSketches = takesSketches
    self.program = program
  }
}

/// All keys but `protocol` are optional.
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
