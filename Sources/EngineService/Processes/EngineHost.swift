package import EngineProtocol
import Foundation

/// The main loop of an engine's process, which serves clients until there is nothing more to do.
///
/// The process ends when no lane is training and no client has been connected for a while. If nothing could be started,
/// it ends as soon as a dashboard disconnects; a client that requested no history may try again until then. A paused
/// training waits forever. The command to suspend, SIGTERM, SIGINT and SIGHUP suspend the training, so that it can be
/// resumed, and end the process; a second signal ends it immediately.
package final class EngineHost {
  private let engine: any HostedEngine
  private let server: EngineServer
  private let patience: Duration
  // Since when nothing is being trained or prepared.
  private var idleSince: ContinuousClock.Instant?

  /// A host of an engine.
  /// - Parameters:
  ///   - program: the program's version.
  ///   - patience: how long to wait for a client when there is nothing to do.
  package init(engine: any HostedEngine, program: String, patience: Duration = .seconds(10)) {
    self.engine = engine
    server = EngineServer(engine: engine, program: program)
    self.patience = patience
  }

  /// Serves on a bound, listening socket until the process is to end.
  ///
  /// Must be called before other threads are started, because it blocks the signals that it waits for, and new threads
  /// inherit that.
  /// - Throws: `ServiceError.unsafeSocket` if the descriptor is not such a socket.
  package func run(on descriptor: Int32) throws {
    var signals = sigset_t()
    sigemptyset(&signals)
    for signal in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&signals, signal) }
    var before = sigset_t()
    pthread_sigmask(SIG_BLOCK, &signals, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }

    try server.start(on: descriptor)
    let socket = server.path
    var isSuspending = false
    while !isDone(isSuspending) {
      var pause = timespec(tv_sec: 0, tv_nsec: isSuspending ? 20_000_000 : 100_000_000)
      guard sigtimedwait(&signals, nil, &pause) > 0 else { continue }
      if isSuspending { break }
      isSuspending = true
      engine.perform(.suspend, as: .unasked, origin: "signal")
    }
    server.stop(isSuspending || engine.isSuspended ? "the engine was suspended" : "everything is done")
    if let socket { EngineLauncher.removeLogIfEmpty(of: socket) }
  }

  private func note(_ phase: Snapshot.Phase) {
    switch phase {
    case .idle, .finished, .failed: if idleSince == nil { idleSince = .now }
    case .preparing, .training: idleSince = nil
    }
  }

  private func isDone(_ isSuspending: Bool) -> Bool {
    if engine.isSuspended { return true }
    let loneliness = server.loneliness
    guard isSuspending || loneliness != nil else { return false }
    let snapshot = engine.snapshot()
    note(snapshot.phase)
    // A dashboard does not return after a failed start.
    if loneliness != nil, server.wasWatched, server.connectionCount == 0, case .failed = snapshot.phase,
      snapshot.lanes.isEmpty
    {
      return true
    }
    guard isSuspending || (loneliness ?? .zero) >= patience else { return false }
    // Before training, a client without history has the same time.
    if !isSuspending, snapshot.lanes.isEmpty {
      let idle = idleSince.map { ContinuousClock.now - $0 } ?? .zero
      guard min(idle, server.quietness) >= patience else { return false }
    }
    // Data waiting in memory for the disk would be lost. A run without a directory has none.
    if !isSuspending, let storage = snapshot.storage, storage.problem != nil, storage.bytes > 0 { return false }
    switch snapshot.phase {
    case .idle, .finished, .failed: return true
    case .preparing, .training: return false
    }
  }
}
