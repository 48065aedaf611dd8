package import EngineProtocol

/// A line from the engine.
package enum ServerLine: Hashable, Sendable {
  /// Its first.
  case welcome(Welcome)
  /// A line that was no message, with the id that could be made out in it.
  case error(String, id: Int?)
  /// Something has happened.
  case event(EngineEvent)
  /// How things stand now.
  case snapshot(Snapshot)
  /// The answer to `ClientLine.ping`.
  case pong(Int)
  /// Its last, where it ends as it should.
  case goodbye(String)
}

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

/// The engine's first line: who it is.
package struct Welcome: Hashable, Codable, Sendable {
  /// The version of the protocol that it speaks.
  package var version: Int
  /// The client's number, as in the events that answer its commands.
  package var client: Int
  /// The program's version.
  package var program: String
  /// The engine's process.
  package var process: Int32
  /// The run's name; empty before one is started, or where it is not recorded.
  package var run: String
  /// The run's directory; nil before one is started, or where it is not recorded.
  package var directory: String?
  /// The experiment's name; nil before one is started.
  package var experiment: String?
  /// Whether it answers a ping; absent where it knows none.
  package var answersPing: Bool? = true

  private enum CodingKeys: String, CodingKey {
    case client, program, process, run, directory, experiment
    case version = "protocol"
    case answersPing = "ping"
  }
}
