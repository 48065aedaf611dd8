import EngineProtocol
import EngineService
import Foundation

/// Starts engines in processes of their own.
enum EngineStart {
  /// An engine that has nothing to do yet.
  /// - Throws: `ServiceError`.
  static func engine(name: String) throws -> RemoteEngine {
    try EngineLauncher.spawn(arguments: [], name: ClientName.of(name))
  }

  /// An engine that resumes the run of one that is gone.
  /// - Throws: `ServiceError`; `TrainingError` where the run was not recorded.
  static func engine(resuming lost: RemoteEngine) throws -> RemoteEngine {
    guard let directory = lost.directory else {
      throw TrainingError("the run was not recorded: there is nothing to go on with")
    }
    return try engine(.reopen(directory: directory), name: "resume")
  }

  /// An engine that trains an experiment or goes on with a run. What can't be trained is told here, before a screen is
  /// taken.
  /// - Throws: `ServiceError`; `TrainingError` in the engine's words.
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
    throw TrainingError(engine.goodbye ?? "the engine has died before it began")
  }
}
