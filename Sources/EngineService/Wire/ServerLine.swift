package import EngineProtocol
import Foundation

/// A line from the engine.
package enum ServerLine: Hashable, Sendable {
  /// The first line.
  case welcome(Welcome)
  /// Why the client is not served, or why its line was not accepted.
  case error(ServerFault)
  /// An event.
  case event(EngineEvent)
  /// The current state.
  case snapshot(Snapshot)
  /// The answer to `ClientLine.ping`.
  case pong(Int)
  /// The last line before a normal end.
  case goodbye(String)
}

/// Why an engine does not serve a client, or does not accept a line.
package struct ServerFault: Hashable, Sendable {
  /// The kind of fault.
  package enum Code: String, Hashable, Codable, Sendable {
    /// The client uses another version of the protocol.
    case version
    /// There are too many clients, or the engine is ending.
    case unavailable
    /// The client did not say hello in time.
    case noHello
    /// The line is not a valid message, or is not expected at this point.
    case malformed
    /// There were too many messages within a second.
    case tooMany
  }

  /// The kind of fault; nil if an engine of another version does not send it, or sends an unknown one.
  package var code: Code?
  /// The fault for display.
  package var words: String
  /// The ID in the line, if it could be parsed.
  package var id: Int?

  /// A fault.
  package init(_ code: Code?, _ words: String, id: Int? = nil) {
    self.code = code
    self.words = words
    self.id = id
  }
}

/// One of `{"welcome":{…}}`, `{"error":"…","errorCode":"…"}`, `{"event":…}`, `{"snapshot":{…}}`, `{"pong":7}`,
/// `{"goodbye":"…"}`.
extension ServerLine: Codable {
  private enum CodingKeys: String, CodingKey {
    case welcome, error, errorCode, id, event, snapshot, pong, goodbye
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
        ServerFault(
          (try container.decodeIfPresent(String.self, forKey: .errorCode)).flatMap(ServerFault.Code.init),
          try container.decode(String.self, forKey: .error), id: try container.decodeIfPresent(Int.self, forKey: .id)))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .welcome(let welcome): try container.encode(welcome, forKey: .welcome)
    case .error(let fault):
      try container.encode(fault.words, forKey: .error)
      try container.encodeIfPresent(fault.code, forKey: .errorCode)
      try container.encodeIfPresent(fault.id, forKey: .id)
    case .event(let event): try event.encode(to: encoder)
    case .snapshot(let snapshot): try container.encode(snapshot, forKey: .snapshot)
    case .pong(let number): try container.encode(number, forKey: .pong)
    case .goodbye(let reason): try container.encode(reason, forKey: .goodbye)
    }
  }
}

extension ServerLine {
  /// Whether a line is a snapshot, possibly in an unknown form.
  static func isSnapshot(_ line: Data) -> Bool {
    struct Form: Decodable {
      let isSnapshot: Bool

      init(from decoder: any Decoder) throws {
        isSnapshot = try decoder.container(keyedBy: CodingKeys.self).contains(.snapshot)
      }
    }
    return (try? EngineJSON.decoder().decode(Form.self, from: line))?.isSnapshot ?? false
  }
}

/// The engine's first line, which describes the engine.
package struct Welcome: Hashable, Codable, Sendable {
  /// The version of its protocol.
  package var version: Int
  /// The client's number, as in the events that answer its commands.
  package var client: Int
  /// The program's version.
  package var program: String
  /// The engine's process ID.
  package var process: Int32
  /// The run's name; empty before a run is started, and if it is not recorded.
  package var run: String
  /// The run's directory; nil before a run is started, and if it is not recorded.
  package var directory: String?
  /// The experiment's name; nil before a run is started.
  package var experiment: String?
  /// Whether it answers pings; nil for older engines, which do not.
  package var answersPing: Bool? = true

  private enum CodingKeys: String, CodingKey {
    case client, program, process, run, directory, experiment
    case version = "protocol"
    case answersPing = "ping"
  }
}
