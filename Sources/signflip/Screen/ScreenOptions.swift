import ArgumentParser
import CursesBackend
import Dashboard
import Deployment
import EngineProtocol
import EngineService
import Foundation
import TerminalUI

/// Options of all commands with a screen.
struct ScreenOptions: ParsableArguments {
  @Option(help: ArgumentHelp("A theme's name or YAML file.", valueName: "name|file"))
  var theme: String?

  @Flag(
    help: """
      Tell what happens in sentences, one per line, without a screen, for screen readers. Commands can be typed: help \
      lists them.
      """)
  var plain = false

  @Flag(help: "Show images in blocks, also where the terminal draws images.")
  var noImages = false

  /// Runs the dashboard until the user closes it. Then prints the results, or the command that opens it again.
  /// - Parameter makeEngine: creates the engine, after the theme and the terminal were checked, and before the screen
  ///   is taken over.
  /// - Parameter tellsHistory: whether `--plain` tells what happened before the program connected.
  /// - Throws: `TrainingError` or `ExitCode.failure` if the training failed or the terminal was lost.
  func show(
    _ beginning: Dashboard.Beginning, tellsHistory: Bool = true, of makeEngine: () throws -> any EngineClient
  ) throws {
    if plain { return try tell(beginning, tellsHistory: tellsHistory, of: makeEngine) }
    let (end, engine, _) = try run(beginning, lesson: nil, of: makeEngine)
    if let remote = engine as? RemoteEngine { try finish(end, remote) }
  }

  /// Takes a lesson until it is over or the user leaves it, and ends its training.
  /// - Returns: whether it is over.
  /// - Throws: `TrainingError` or `ExitCode.failure` if the training failed or the terminal was lost.
  func teach(_ lesson: LessonCourse, of makeEngine: () throws -> any EngineClient) throws -> Bool {
    let (end, engine, isOver) = try run(.watching, lesson: lesson, of: makeEngine)
    if let remote = engine as? RemoteEngine, remote.isConnected {
      let process = "\(remote.process)"
      remote.close()
      // A command that is only sent would be lost if the program ended before it was written.
      _ = try Conversation(run: process, name: "learn", history: false).stop()
    }
    switch end {
    case .failed(let message): throw TrainingError(message)
    case .hangup: throw ExitCode.failure
    default: return isOver
    }
  }

  private func run(
    _ beginning: Dashboard.Beginning, lesson: LessonCourse?, of makeEngine: () throws -> any EngineClient
  ) throws -> (end: DashboardEnd, engine: any EngineClient, isLessonOver: Bool) {
    let session = try ScreenSession(theme: theme, usesImages: !noImages)
    let engine = try makeEngine()
    let terminal = try session.terminal()
    var dashboard = session.dashboard(beginning, on: terminal, engine: engine)
    dashboard.lesson = lesson
    let last = session.run(dashboard, on: terminal, engine: engine)
    return (last.end, last.engine, last.dashboard.lesson?.isOver == true)
  }

  /// Shows a sweep until the user closes it. A trial that the user opens takes the sweep's place until it is left.
  /// - Parameters:
  ///   - sweep: the sweep.
  ///   - open: returns the engine, or the recording, of a trial's run.
  /// - Throws: `ThemeError`, `StreamError`; `ExitCode.failure` if the terminal was lost.
  func show(_ sweep: any SweepClient, open: (_ trial: Int) throws -> any EngineClient) throws {
    if plain { throw ValidationError("--plain: expected no such option here; “signflip sweep status” tells the same") }
    let session = try ScreenSession(theme: theme, usesImages: !noImages)
    var dashboard: Dashboard?
    while true {
      let engine = NoEngine()
      let terminal = try session.terminal()
      let last = session.run(
        dashboard ?? session.dashboard(.sweep(sweep.snapshot()), on: terminal, engine: engine), on: terminal,
        engine: engine, sweep: sweep)
      if last.end == .hangup { throw ExitCode.failure }
      guard case .openTrial(let number) = last.end else { return }
      dashboard = last.dashboard
      do {
        try watch(try open(number))
      } catch let exit as ExitCode {
        throw exit
      } catch {
        dashboard?.didNotOpen("\(error)")
      }
    }
  }

  // The live screen of a trial. Leaving it leaves the trial as it is, unless the user stops it.
  private func watch(_ opened: any EngineClient) throws {
    let (end, engine, _) = try run(.watching, lesson: nil) { opened }
    if end == .hangup { throw ExitCode.failure }
    if case .failed(let message) = end { throw TrainingError(message) }
    guard let remote = engine as? RemoteEngine else { return }
    let process = "\(remote.process)"
    let isConnected = remote.isConnected
    remote.close()
    if end == .quitTraining, isConnected { _ = try Conversation(run: process, name: "stop", history: true).stop() }
  }

  // The same in sentences. The settings are those of a screen.
  private func tell(
    _ beginning: Dashboard.Beginning, tellsHistory: Bool, of makeEngine: () throws -> any EngineClient
  ) throws {
    guard case .watching = beginning else {
      throw ValidationError(
        "--plain: expected a subcommand such as train, resume, attach or view; the launcher is a screen")
    }
    try check()
    let engine = try makeEngine()
    let remote = engine as? RemoteEngine
    let dashboard = Dashboard(
      beginning: beginning, theme: .monochrome, themeName: Theme.monochrome.name, library: ThemeFolders.library,
      canLeave: remote != nil, isRecording: remote == nil)
    let loop = PlainLoop(
      dashboard: dashboard, tellsHistory: tellsHistory, terminal: StandardLines(), engine: engine,
      hasEnded: Self.hasEnded)
    let end = try loop.run()
    if let remote { try finish(end, remote, printsResults: end == .quitTraining) }
  }

  static func hasEnded(_ engine: any EngineClient) -> Bool {
    (engine as? RemoteEngine).map { !$0.isConnected && $0.goodbye != nil } ?? false
  }

  /// Checks the theme even if no screen is shown.
  /// - Throws: `ThemeError`.
  func check() throws { _ = try ThemeFolders.library.theme(chosen: theme) }

  private func finish(_ end: DashboardEnd, _ remote: RemoteEngine, printsResults: Bool = true) throws {
    let name = remote.runID.isEmpty ? "\(remote.process)" : remote.runID
    switch end {
    case .leftLauncher, .openTrial: remote.close()
    case .failed(let message): throw TrainingError(message)
    case .suspended: try StandardStream.output.print("suspended: signflip resume \(name) continues it")
    case .finished where !remote.isConnected:
      try StandardStream.output.print("signflip runs show \(name) shows the results")
    case .quitTraining, .finished:
      let process = "\(remote.process)"
      remote.close()
      let results = try Conversation(run: process, name: "stop", history: true).stop()
      if !results.isEmpty, printsResults { try StandardStream.output.print(ResultTable.text(results)) }
      if results.contains(where: { $0.failure != nil }) { throw ExitCode.failure }
    case .leftTraining, .hangup:
      remote.close()
      try StandardStream.output.print("training continues: signflip attach \(name)")
      if end == .hangup { throw ExitCode.failure }
    }
  }
}
