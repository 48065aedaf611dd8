import EngineProtocol
import Foundation
import Synchronization

/// Finds the engines of this user on this machine.
package enum EngineDirectory {
  /// Asks every engine for its name and state, and removes the sockets of dead engines.
  /// - Throws: `ServiceError.unsafeSocket` if other users can write to the directory.
  package static func list(
    environment: [String: String] = ProcessInfo.processInfo.environment, timeout: Duration = .seconds(1)
  ) throws -> [EngineInfo] {
    try list(in: .standard(environment: environment), timeout: timeout)
  }

  /// As `list(environment:timeout:)`, for a directory.
  package static func list(in folder: SocketFolder, timeout: Duration = .seconds(1)) throws -> [EngineInfo] {
    guard folder.exists else { return [] }
    try folder.check()
    return try asked(folder.sockets(), timeout).compactMap { path, info in
      if let info { return info }
      return try folder.withLock {
        guard !(try UnixAddress(path).isAlive) else { return EngineInfo(path: path) }
        unlink(path)
        EngineLauncher.removeLogIfEmpty(of: path)
        return nil
      }
    }
  }

  /// Finds the engine of a run by the run's name, the start or end of its name, its directory, or the engine's process
  /// ID. “last” is the newest run that has an engine. Nil finds the only engine that is training; if none is, the only
  /// engine.
  /// - Throws: `ServiceError.unreachable` if there is none, or more than one, with a list.
  package static func find(
    _ run: String?, environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws -> EngineInfo {
    try find(run, in: list(environment: environment))
  }

  /// As `find(_:environment:)`, among the given engines.
  package static func find(_ run: String?, in engines: [EngineInfo]) throws -> EngineInfo {
    guard let run else {
      let training = engines.filter(\.trains)
      return try only(training.isEmpty ? engines : training, none: "no engine is running")
    }
    let directory = URL(filePath: run).standardizedFileURL.resolvingSymlinksInPath().path
    let exact = engines.filter { engine in
      guard let welcome = engine.welcome else { return false }
      return welcome.run == run || "\(welcome.process)" == run
        || welcome.directory.map { URL(filePath: $0).standardizedFileURL.resolvingSymlinksInPath().path } == directory
    }
    let near = engines.filter { engine in
      guard let name = engine.welcome?.run else { return false }
      return !name.isEmpty && name.hasPrefix(run) || name.hasSuffix(run)
    }
    let none = "no engine has the run “\(run)”"
    // The name of a run starts with its time.
    if run == "last", exact.isEmpty, let newest = engines.max(by: { $0.runName < $1.runName }), !newest.runName.isEmpty
    {
      return newest
    }
    let found = exact.isEmpty ? near : exact
    guard found.isEmpty, !engines.isEmpty else { return try only(found, none: none) }
    throw ServiceError(.unreachable, "\(none); there are:\n\(table(engines))")
  }

  private static func only(_ engines: [EngineInfo], none: String) throws -> EngineInfo {
    guard let first = engines.first else { throw ServiceError(.unreachable, none) }
    guard engines.count == 1 else {
      throw ServiceError(.unreachable, "expected the name of one of these:\n\(table(engines))")
    }
    return first
  }

  private static func table(_ engines: [EngineInfo]) -> String {
    engines.map { engine in
      let name = engine.welcome.map { $0.run.isEmpty ? "(not recorded)" : $0.run } ?? engine.path
      let process = engine.welcome.map { ", process \($0.process)" } ?? ""
      return "  \(name)\(process), \(engine.summary)"
    }.joined(separator: "\n")
  }

  // All at the same time, so that one that does not answer does not delay the others.
  private static func asked(_ paths: [String], _ timeout: Duration) -> [(path: String, info: EngineInfo?)] {
    let answers = Mutex([EngineInfo?](repeating: nil, count: paths.count))
    DispatchQueue.concurrentPerform(iterations: paths.count) { place in
      let info = ask(paths[place], timeout)
      answers.withLock { $0[place] = info }
    }
    return Array(zip(paths, answers.withLock { $0 }))
  }

  private static func ask(_ path: String, _ timeout: Duration) -> EngineInfo? {
    let start = ContinuousClock.now
    // The processor time before and after shows whether it is working.
    let process = EngineSilence.process(at: path)
    let before = process.flatMap(EngineSilence.seconds)
    var silence: EngineSilence? { process.flatMap { EngineSilence(of: $0, since: before) } }
    let engine: RemoteEngine
    do {
      engine = try RemoteEngine.connect(path: path, name: "list", points: .none, history: false, timeout: timeout)
    } catch let error as ServiceError where error.code == .version {
      return EngineInfo(path: path, silence: silence, problem: error.message)
    } catch {
      return silence.map { EngineInfo(path: path, silence: $0) }
    }
    defer { engine.close() }
    let rest = max(.milliseconds(50), timeout - (ContinuousClock.now - start))
    do {
      try engine.waitForHistory(timeout: rest)
    } catch {
      let problem = (error as? ServiceError).flatMap { $0.code == .version ? $0.message : nil }
      return EngineInfo(path: path, welcome: engine.welcome, silence: silence, problem: problem)
    }
    return EngineInfo(path: path, welcome: engine.welcome, snapshot: engine.snapshot())
  }
}

extension EngineInfo {
  fileprivate var runName: String { welcome?.run ?? "" }
}
