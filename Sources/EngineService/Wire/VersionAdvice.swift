import EngineProtocol
import Foundation

/// What to do where an engine and a client of different versions meet.
enum VersionAdvice {
  // The part of a line that tells of the engine, whatever its version.
  private struct Sender: Decodable {
    struct Welcome: Decodable {
      var program: String?
      var version: Int?
      var process: Int32?
      var run: String?

      private enum CodingKeys: String, CodingKey {
        case program, process, run
        case version = "protocol"
      }
    }

    var welcome: Welcome?
  }

  /// The engine's answer to a client of another protocol.
  static func words(refusing hello: Hello, program: String) -> String {
    let client = hello.program.map { "signflip \($0) speaks" } ?? "the client speaks"
    return "expected protocol \(WireProtocol.version), found \(hello.version): the engine is signflip \(program), "
      + "\(client) another protocol; \(advice(engine: program, process: getpid(), run: nil))"
  }

  /// What a client says of an engine of another version that has refused it with these words.
  static func words(refusedBy words: String) -> String {
    "the engine is of another version of signflip: \(words); "
      + advice(engine: nil, process: nil, run: nil)
  }

  /// What a client says of an engine whose welcome it does not understand; nil where the line is no welcome.
  static func words(welcome line: Data, _ reason: String) -> String? {
    guard let welcome = (try? EngineJSON.decoder().decode(Sender.self, from: line))?.welcome else { return nil }
    return words(program: welcome.program, version: welcome.version, process: welcome.process, run: welcome.run, reason)
  }

  /// What a client says of an engine that it does not understand.
  static func words(_ welcome: Welcome, _ reason: String?) -> String {
    words(
      program: welcome.program, version: welcome.version, process: welcome.process, run: welcome.run, reason)
  }

  /// A line for a client whose engine is of another version and speaks the same protocol; nil where it is of the same.
  static func note(_ welcome: Welcome) -> String? {
    guard welcome.program != ProgramVersion.current else { return nil }
    return "the engine is signflip \(welcome.program), this is signflip \(ProgramVersion.current): "
      + "what only one of them knows is left out"
  }

  private static func words(
    program: String?, version: Int?, process: Int32?, run: String?, _ reason: String?
  ) -> String {
    let engine = program.map { "signflip \($0)" } ?? "another version of signflip"
    let spoken = version.map { " (protocol \($0))" } ?? ""
    return "the engine is \(engine)\(spoken), this is signflip \(ProgramVersion.current) "
      + "(protocol \(WireProtocol.version))\(reason.map { ": \($0)" } ?? ""); "
      + advice(engine: program, process: process, run: run)
  }

  // SIGTERM suspends an engine of any version.
  private static func advice(engine: String?, process: Int32?, run: String?) -> String {
    let name = run.flatMap { $0.isEmpty ? nil : $0 } ?? "RUN"
    return "use \(engine.map { "signflip \($0)" } ?? "the version that started it") for this training, or suspend it "
      + "with `kill \(process.map(String.init) ?? "PID")` and go on with `signflip resume \(name)`"
  }
}

extension ServiceError {
  /// Why an engine has refused a client before it welcomed it.
  init(refusal fault: ServerFault) {
    switch fault.code {
    case .version: self.init(.version, fault.words)
    case .unavailable, .noHello, .malformed, .tooMany: self.init(.unreachable, fault.words)
    // Every engine of this version says what is wrong.
    case nil: self.init(.version, VersionAdvice.words(refusedBy: fault.words))
    }
  }
}
