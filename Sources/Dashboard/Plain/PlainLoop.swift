package import EngineProtocol
import Foundation

/// Where sentences go, and where commands are typed.
package protocol LineTerminal: AnyObject {
  /// Waits for the next typed line.
  /// - Parameter timeout: maximum time to wait, in seconds.
  /// - Returns: nil if there was none in that time, or there will be no more.
  func nextLine(timeout: Double) -> String?
  /// Writes a line.
  /// - Throws: if nobody reads it.
  func write(_ line: String) throws
  /// Whether the user wants to leave, by Ctrl-C.
  var isInterrupted: Bool { get }
}

/// Tells a run in sentences until it or the user ends it.
package final class PlainLoop {
  // Seconds between two looks at the engine.
  private static let interval = 0.1

  private var session: PlainSession
  private let terminal: any LineTerminal
  private let engine: any EngineClient
  private let hasEnded: (any EngineClient) -> Bool
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant

  /// A loop that is not yet running.
  /// - Parameter hasEnded: returns whether an engine has ended normally, after sending everything.
  package init(
    dashboard: Dashboard, tellsHistory: Bool, terminal: any LineTerminal, engine: any EngineClient,
    hasEnded: @escaping (any EngineClient) -> Bool
  ) {
    var dashboard = dashboard
    dashboard.connect(firstCommand: engine.nextCommandID())
    session = PlainSession(dashboard: dashboard, tellsHistory: tellsHistory)
    self.terminal = terminal
    self.engine = engine
    self.hasEnded = hasEnded
    start = clock.now
  }

  /// Runs until the run or the user ends it.
  /// - Returns: why it ended.
  /// - Throws: if a sentence cannot be written.
  package func run() throws -> DashboardEnd {
    while true {
      let isLast = hasEnded(engine)
      // The snapshot is read first, so that it is never newer than the events that explain it.
      let snapshot = engine.snapshot()
      let batch = engine.events(after: session.dashboard.model.cursor)
      try tell(session.consume(batch, snapshot, silence: engine.silence, now: now))
      if isLast { try tell(session.engineHasEnded()) }
      if terminal.isInterrupted { session.leave() }
      // Everything that has happened is told first.
      if let end = session.end, batch.events.isEmpty || isLast || end != .finished { return end }
      if let line = terminal.nextLine(timeout: Self.interval) { try tell(session.take(line, now: now)) }
    }
  }

  private var now: Double { Double((clock.now - start) / .milliseconds(1)) / 1000 }

  private func tell(_ lines: [String]) throws {
    for (command, id) in session.takeCommands() { engine.send(command, as: id) }
    for line in lines { try terminal.write(line) }
  }
}
