import EngineProtocol
import Foundation

/// Advice for the user if an engine and a client have different versions.
enum VersionAdvice {
  // The part of a line that describes the engine, whatever its version.
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

  /// Returns the engine's answer to a client with another protocol.
  static func words(refusing hello: Hello, program: String) -> String {
    let client = hello.program.map { "signflip \($0) speaks" } ?? "the client speaks"
    return "expected protocol \(WireProtocol.version), found \(hello.version): the engine is signflip \(program), "
      + "\(client) another protocol; \(advice(engine: program, process: getpid(), run: nil))"
  }

  /// Returns the client's message about an engine of another version that has refused it with these words.
  static func words(refusedBy words: String) -> String {
    "the engine is of another version of signflip: \(words); "
      + advice(engine: nil, process: nil, run: nil)
  }

  /// Returns the client's message about an engine whose welcome it does not understand; nil if the line is not a
  /// welcome.
  static func words(welcome line: Data, _ reason: String) -> String? {
    guard let welcome = (try? EngineJSON.decoder().decode(Sender.self, from: line))?.welcome else { return nil }
    return words(program: welcome.program, version: welcome.version, process: welcome.process, run: welcome.run, reason)
  }

  /// Returns the client's message about an engine that it does not understand.
  static func words(_ welcome: Welcome, _ reason: String?) -> String {
    words(
      program: welcome.program, version: welcome.version, process: welcome.process, run: welcome.run, reason)
  }

  /// Returns a note for a client if the engine has another version with the same protocol, otherwise nil.
  static func note(_ welcome: Welcome) -> String? {
    guard welcome.program != ProgramVersion.current else { return nil }
    return "the engine is signflip \(welcome.program), this is signflip \(ProgramVersion.current): "
      + "features of only one of them are unavailable"
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

  // SIGTERM suspends engines of every version.
  private static func advice(engine: String?, process: Int32?, run: String?) -> String {
    let name = run.flatMap { $0.isEmpty ? nil : $0 } ?? "RUN"
    return "use \(engine.map { "signflip \($0)" } ?? "the version that started it") for this training, or suspend it "
      + "with `kill \(process.map(String.init) ?? "PID")` and continue with `signflip resume \(name)`"
  }
}

extension ServiceError {
  /// Why an engine has refused a client before welcoming it.
  init(refusal fault: ServerFault) {
    switch fault.code {
    case .version: self.init(.version, fault.words)
    case .unavailable, .noHello, .malformed, .tooMany: self.init(.unreachable, fault.words)
    // Every engine of this version sends a code.
    case nil: self.init(.version, VersionAdvice.words(refusedBy: fault.words))
    }
  }
}
