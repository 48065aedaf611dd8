import EngineProtocol
import EngineService
import Foundation

/// Starts engines in separate processes.
enum EngineStart {
  /// Returns an engine without a run.
  /// - Throws: `ServiceError`.
  static func engine(name: String) throws -> RemoteEngine {
    try EngineLauncher.spawn(arguments: [], name: ClientName.of(name))
  }

  /// Returns an engine that resumes the run of a lost one.
  /// - Throws: `ServiceError`; `TrainingError` if the run was not recorded.
  static func engine(resuming lost: RemoteEngine) throws -> RemoteEngine {
    guard let directory = lost.directory else {
      throw TrainingError("the run was not recorded, so it cannot be resumed")
    }
    return try engine(.reopen(directory: directory), name: "resume")
  }

  /// Returns an engine that trains an experiment or continues a run. Errors are thrown here, before the screen is taken
  /// over.
  /// - Throws: `ServiceError`; `TrainingError` with the engine's message.
  static func engine(_ command: EngineCommand, name: String) throws -> RemoteEngine {
    let engine = try engine(name: name)
    engine.send(command)
    while engine.isConnected {
      switch engine.snapshot().phase {
      case .failed(let message): throw TrainingError(message)
      case .preparing(let stage) where stage.kind != .request: return engine
      case .idle, .preparing: Thread.sleep(forTimeInterval: 0.002)
      case .training, .finished: return engine
      }
    }
    throw TrainingError(engine.goodbye ?? "the engine died before training started")
  }
}
