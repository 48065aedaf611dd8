import EngineProtocol

/// `{"hello":{…}}`, `{"ping":7}` or `{"id":3,"command":…}`; a command without an id has the id 0.
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
