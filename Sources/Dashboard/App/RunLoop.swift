package import EngineProtocol
import Foundation
package import TerminalUI

/// Runs a dashboard on a terminal and an engine until it is left.
///
/// Input is handled and drawn at once. The engine is asked 30 times a second while it has news to tell, more often while
/// it owes an answer, and seldom when all is paused or over; a frame is drawn only when something has changed.
package final class RunLoop {
  /// The least time between two looks at a working engine, in seconds. Each makes a frame.
  package static let newsInterval = 1.0 / 30
  /// The time between two looks at an engine that owes an answer, in seconds.
  package static let answerInterval = 0.01
  /// The time between two looks at an engine at rest, in seconds: another client may have set it going.
  package static let idleInterval = 1.0

  /// How long a flood of keys may hold up the next frame, in seconds.
  private static let inputTime = 0.016

  /// The dashboard.
  package private(set) var dashboard: Dashboard
  private let terminal: any TerminalDevice
  /// The engine that is watched: the one that was given, or the last that went on in the place of a lost one.
  package private(set) var engine: any EngineClient
  private let resume: (() throws -> any EngineClient)?
  private let hasEnded: (any EngineClient) -> Bool
  private let onThemeChosen: (String) -> Void
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  private var lastNews = -Double.infinity
  private var end: DashboardEnd?
  private var isToResume = false

  /// A loop that is not yet running.
  /// - Parameters:
  ///   - resume: gives an engine that goes on with the run where the watched one is gone; nil where there can be none.
  ///   - hasEnded: whether an engine has ended as it should, having told all.
  ///   - onThemeChosen: told the name of a theme that the person chose to keep.
  package init(
    dashboard: Dashboard, terminal: any TerminalDevice, engine: any EngineClient,
    resume: (() throws -> any EngineClient)? = nil, hasEnded: @escaping (any EngineClient) -> Bool = { _ in false },
    onThemeChosen: @escaping (String) -> Void = { _ in }
  ) {
    self.dashboard = dashboard
    self.terminal = terminal
    self.engine = engine
    self.resume = resume
    self.hasEnded = hasEnded
    self.onThemeChosen = onThemeChosen
    start = clock.now
    self.dashboard.connect(firstCommand: engine.nextCommandID())
    self.dashboard.clockZero = Date().timeIntervalSince1970
  }

  /// Runs until the dashboard is left.
  /// - Returns: why it was left.
  package func run() -> DashboardEnd {
    perform(dashboard.begin())
    var drawnSize = (width: -1, height: -1)
    while end == nil {
      askEngine()
      perform(dashboard.tick(now: now))
      let size = terminal.size
      if dashboard.isFrameDue || size != drawnSize {
        terminal.draw(dashboard.render(width: size.width, height: size.height))
        drawnSize = size
      }
      if end != nil { break }
      // After the frame that says so: it may take a while.
      if isToResume { resumeRun() }
      // The first event is waited for; what came with it is taken in before the next frame, as long as that holds up
      // the picture no longer than a frame takes.
      var event = terminal.nextEvent(timeout: timeout)
      let since = now
      while let next = event, end == nil {
        perform(dashboard.handle(next, now: now))
        event = now - since < Self.inputTime ? terminal.nextEvent(timeout: 0) : nil
      }
    }
    return end ?? .hangup
  }

  private var now: Double { Double((clock.now - start) / .milliseconds(1)) / 1000 }

  private var timeout: Double {
    let interval = interval
    let untilNews = lastNews + interval - now
    let untilDue = dashboard.deadline.map { $0 - now } ?? interval
    return max(0, min(untilNews, untilDue))
  }

  private var interval: Double {
    if dashboard.awaitsAnswer { return Self.answerInterval }
    return dashboard.expectsNews ? Self.newsInterval : Self.idleInterval
  }

  private func askEngine() {
    guard now - lastNews >= interval else { return }
    lastNews = now
    let isLast = hasEnded(engine)
    dashboard.hear(silence: engine.silence)
    // The snapshot first: what it shows is then never newer than the events that tell how it came about.
    let snapshot = engine.snapshot()
    perform(dashboard.consume(engine.events(after: dashboard.model.cursor), snapshot, now: now))
    if isLast { perform(dashboard.engineHasEnded()) }
  }

  private func resumeRun() {
    isToResume = false
    guard let resume else { return dashboard.didNotResume("signflip resume does it from the command line") }
    do {
      engine = try resume()
      lastNews = -.infinity
      dashboard.didResume(firstCommand: engine.nextCommandID())
    } catch {
      dashboard.didNotResume("\(error)")
    }
  }

  private func perform(_ effects: [Effect]) {
    for effect in effects {
      switch effect {
      case .send(let command, let id): engine.send(command, as: id)
      case .copy(let text): dashboard.didCopy(terminal.copy(text))
      case .setMouse(let isTaken): terminal.setMouse(isTaken)
      case .redraw: terminal.redraw()
      case .themeChosen(let name): onThemeChosen(name)
      case .resumeRun: isToResume = true
      case .end(let reason): end = reason
      }
    }
  }
}

/// What the run loop needs of a terminal.
package protocol TerminalDevice: AnyObject {
  /// The columns and rows now.
  var size: (width: Int, height: Int) { get }
  /// Waits for what the person does next.
  /// - Parameter timeout: seconds to wait at most.
  /// - Returns: nil when nothing was done in that time.
  func nextEvent(timeout: Double) -> InputEvent?
  /// Shows a frame.
  func draw(_ frame: Frame)
  /// Shows the last frame anew, whatever stands on the screen.
  func redraw()
  /// Sends a text to the clipboard.
  /// - Returns: whether it was sent: not every terminal has a clipboard.
  func copy(_ text: String) -> Bool
  /// Takes the mouse, or leaves it to the terminal.
  func setMouse(_ isTaken: Bool)
}
