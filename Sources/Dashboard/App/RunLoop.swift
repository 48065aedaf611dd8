package import EngineProtocol
import Foundation
package import TerminalUI

/// Runs a dashboard with a terminal and an engine until it is closed.
///
/// Input is handled and drawn immediately. The engine is polled as often as curves are drawn while it has news, more often
/// while an answer is outstanding, and rarely while everything is paused or finished. A frame is drawn only if something
/// has changed.
package final class RunLoop {
  /// Seconds between two polls of an active engine. Each one results in a frame.
  package static let newsInterval = FrameSchedule.curveInterval
  /// Seconds between two polls of an engine with an outstanding answer.
  package static let answerInterval = 0.01
  /// Seconds between two polls of an idle engine, which another client may have started.
  package static let idleInterval = 1.0
  /// Seconds between two looks at what a sweep's watcher has read.
  private static let sweepInterval = 0.25
  /// Seconds between two looks at the file of settings.
  private static let settingsInterval = 1.0

  /// Maximum delay of a frame by continuous input, in seconds.
  private static let inputTime = 0.016

  /// The dashboard.
  package private(set) var dashboard: Dashboard
  private let terminal: any TerminalDevice
  /// The engine: the given one, or the last one that replaced a lost one.
  package private(set) var engine: any EngineClient
  private let sweep: (any SweepClient)?
  private let resume: (() throws -> any EngineClient)?
  private let hasEnded: (any EngineClient) -> Bool
  private let save: (String, String) throws -> Void
  private let changedSettings: () -> SettingsReading?
  private let saveCharts: (String) throws -> Void
  private let keepCommand: (String) throws -> Void
  private let keepPlace: (LessonPlace) throws -> Void
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  private var lastNews = -Double.infinity
  private var lastSettings = 0.0
  private var end: DashboardEnd?
  private var isToResume = false

  /// A loop that is not yet running.
  /// - Parameters:
  ///   - sweep: the sweep that is shown; nil for none.
  ///   - resume: returns an engine that resumes the run of a lost one; nil if there can be none.
  ///   - hasEnded: returns whether an engine has ended normally, after sending everything.
  ///   - changedSettings: returns what the file of settings says if it has changed; called about once a second.
  ///   - keepCommand: keeps a typed `:` command for later sessions; an error that it throws is shown.
  ///   - keepPlace: keeps the place in the lessons; an error that it throws is shown.
  ///   - save: writes a text to a new file; an error that it throws is shown.
  ///   - saveCharts: saves the list of charts for the next session; an error that it throws is shown.
  package init(
    dashboard: Dashboard, terminal: any TerminalDevice, engine: any EngineClient,
    sweep: (any SweepClient)? = nil, resume: (() throws -> any EngineClient)? = nil,
    hasEnded: @escaping (any EngineClient) -> Bool = { _ in false },
    changedSettings: @escaping () -> SettingsReading? = { nil },
    keepCommand: @escaping (String) throws -> Void = { _ in },
    keepPlace: @escaping (LessonPlace) throws -> Void = { _ in },
    save: @escaping (_ path: String, _ text: String) throws -> Void,
    saveCharts: @escaping (String) throws -> Void = { _ in }
  ) {
    self.dashboard = dashboard
    self.terminal = terminal
    self.engine = engine
    self.sweep = sweep
    self.resume = resume
    self.hasEnded = hasEnded
    self.changedSettings = changedSettings
    self.keepCommand = keepCommand
    self.keepPlace = keepPlace
    self.save = save
    self.saveCharts = saveCharts
    start = clock.now
    self.dashboard.connect(firstCommand: engine.nextCommandID())
    self.dashboard.clockZero = Date().timeIntervalSince1970
  }

  /// Runs until the dashboard is closed.
  /// - Returns: why it was closed.
  package func run() -> DashboardEnd {
    perform(dashboard.begin())
    var drawnSize = (width: -1, height: -1)
    while end == nil {
      askEngine()
      if let sweep { dashboard.consume(sweep.snapshot(), sweep.reports(), now: now) }
      askSettings()
      perform(dashboard.tick(now: now))
      let size = terminal.size
      if dashboard.isFrameDue || size != drawnSize {
        terminal.draw(dashboard.render(width: size.width, height: size.height))
        drawnSize = size
      }
      if end != nil { break }
      // After the frame that announces it, because it may take a while.
      if isToResume { resumeRun() }
      // Waits for the first event. Further events are processed before the next frame, for at most the time of one
      // frame.
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
    if sweep != nil { return Self.sweepInterval }
    if dashboard.awaitsAnswer { return Self.answerInterval }
    return dashboard.expectsNews ? Self.newsInterval : Self.idleInterval
  }

  private func askEngine() {
    guard now - lastNews >= interval else { return }
    lastNews = now
    let isLast = hasEnded(engine)
    dashboard.hear(silence: engine.silence)
    // The snapshot is read first, so that it is never newer than the events that explain it.
    let snapshot = engine.snapshot()
    perform(dashboard.consume(engine.events(after: dashboard.model.cursor), snapshot, now: now))
    if isLast { perform(dashboard.engineHasEnded()) }
  }

  private func askSettings() {
    guard now - lastSettings >= Self.settingsInterval else { return }
    lastSettings = now
    if let reading = changedSettings() { dashboard.change(to: reading) }
  }

  // Terminals without a clipboard, or with one for short texts only, get a file.
  private func copy(_ clipping: Clipping) {
    if terminal.copy(clipping.text) { return dashboard.didCopy(clipping, .clipboard) }
    do {
      try save(clipping.file, clipping.text)
      dashboard.didCopy(clipping, .file(clipping.file))
    } catch {
      dashboard.didCopy(clipping, .failed(error))
    }
  }

  private func save(_ path: String, _ form: FrameDocument) {
    let size = terminal.size
    do {
      try save(path, dashboard.document(form, width: size.width, height: size.height))
      dashboard.didSave(path, nil)
    } catch {
      dashboard.didSave(path, error)
    }
  }

  private func remember(_ what: RememberedThing, _ save: () throws -> Void) {
    do { try save() } catch { dashboard.didNotRemember(what, "\(error)") }
  }

  private func resumeRun() {
    isToResume = false
    guard let resume else { return dashboard.didNotResume("signflip resume resumes it from the command line") }
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
      case .copy(let clipping): copy(clipping)
      case .copyScreen: perform(dashboard.copyScreen(width: terminal.size.width, height: terminal.size.height))
      case .typed(let line): remember(.commands) { try keepCommand(line) }
      case .learned(let place): remember(.lesson) { try keepPlace(place) }
      case .save(let path, let form): save(path, form)
      case .setMouse(let isTaken): terminal.setMouse(isTaken)
      case .redraw: terminal.redraw()
      case .chartsChosen(let list): remember(.charts) { try saveCharts(list) }
      case .resumeRun: isToResume = true
      case .sweep(let command): sweep?.send(command)
      case .end(let reason): end = reason
      }
    }
  }
}

/// The terminal as the run loop needs it.
package protocol TerminalDevice: AnyObject {
  /// The current number of columns and rows.
  var size: (width: Int, height: Int) { get }
  /// Waits for the next input event.
  /// - Parameter timeout: maximum time to wait, in seconds.
  /// - Returns: nil if there was no event in that time.
  func nextEvent(timeout: Double) -> InputEvent?
  /// Shows a frame.
  func draw(_ frame: Frame)
  /// Redraws the last frame, whatever the screen shows.
  func redraw()
  /// Copies a text to the clipboard.
  /// - Returns: whether it was sent; not every terminal has a clipboard.
  func copy(_ text: String) -> Bool
  /// Turns mouse input on or off.
  func setMouse(_ isTaken: Bool)
}
