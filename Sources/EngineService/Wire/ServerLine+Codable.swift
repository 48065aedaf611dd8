import EngineProtocol

/// One of `{"welcome":{…}}`, `{"error":"…"}`, `{"event":…}`, `{"snapshot":{…}}`, `{"pong":7}`,
/// `{"goodbye":"…"}`.
extension ServerLine: Codable {
  private enum CodingKeys: String, CodingKey {
    case welcome, error, id, event, snapshot, pong, goodbye
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    if container.contains(.event) {
      self = .event(try EngineEvent(from: decoder))
    } else if container.contains(.snapshot) {
      self = .snapshot(try container.decode(Snapshot.self, forKey: .snapshot))
    } else if container.contains(.welcome) {
      self = .welcome(try container.decode(Welcome.self, forKey: .welcome))
    } else if container.contains(.pong) {
      self = .pong(try container.decode(Int.self, forKey: .pong))
    } else if container.contains(.goodbye) {
      self = .goodbye(try container.decode(String.self, forKey: .goodbye))
    } else {
      self = .error(
        try container.decode(String.self, forKey: .error), id: try container.decodeIfPresent(Int.self, forKey: .id))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .welcome(let welcome): try container.encode(welcome, forKey: .welcome)
    case .error(let words, let id):
      try container.encode(words, forKey: .error)
      try container.encodeIfPresent(id, forKey: .id)
    case .event(let event): try event.encode(to: encoder)
    case .snapshot(let snapshot): try container.encode(snapshot, forKey: .snapshot)
    case .pong(let number): try container.encode(number, forKey: .pong)
    case .goodbye(let reason): try container.encode(reason, forKey: .goodbye)
    }
  }
}
