import ArgumentParser
import EngineProtocol
import EngineService
import Foundation
import Training

/// Training without a screen: a progress line on standard error, events as JSON lines on standard output.
///
/// The engine is in this process, but also serves its socket, so that dashboards and commands can connect.
struct HeadlessRun {
  /// What to train: an experiment, or a run to resume.
  let command: EngineCommand
  /// Whether events are written as JSON lines.
  let writesJSON: Bool

  /// Trains to the end, or until Ctrl-C.
  /// - Throws: `TrainingError` if nothing was trained, `ExitCode.failure` if not every lane was trained as requested,
  ///   `StreamError` if the results could not be written.
  func run() throws {
    let interrupts = InterruptFlag()
    let engine = LocalEngine(program: Signflip.version)
    var output = HeadlessOutput(writesJSON: writesJSON)
    let server = Self.serve(engine, &output)
    defer { server?.stop() }
    engine.send(command)
    defer {
      if let problem = engine.close() { output.note("the end of the run was not recorded: \(problem)") }
    }
    var cursor = EventCursor.withoutPoints
    var isUnread = false
    while true {
      let batch = engine.events(after: cursor)
      cursor = batch.cursor
      for event in batch.events { output.write(event) }
      if output.end == nil, engine.isSuspended { output.endSuspended() }
      if let end = output.end {
        output.finish()
        if let failure = output.failure { throw failure }
        return try end.get()
      }
      if output.failure != nil, !isUnread {
        // Nobody will see the results.
        isUnread = true
        engine.send(.stop(.all))
      }
      if interrupts.takeNew() {
        // A second Ctrl-C has its default effect.
        engine.send(.stop(.all))
        output.note("stopping after this batch … (Ctrl-C again stops immediately, without a test)")
      }
      output.showProgress(engine.snapshot())
      Thread.sleep(forTimeInterval: 0.05)
    }
  }

  /// Serves an engine's socket. Without one the training continues, but nobody can connect.
  static func serve(_ engine: LocalEngine, _ output: inout HeadlessOutput) -> EngineServer? {
    do {
      let socket = try ListeningSocket(in: .standard(environment: ProcessInfo.processInfo.environment))
      let server = EngineServer(engine: engine, program: Signflip.version)
      try server.start(on: socket.descriptor)
      return server
    } catch {
      output.note("no other program can connect to this training: \(error)")
      return nil
    }
  }
}
