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

  /// Runs the dashboard until the user closes it. Then prints the results, or the command that opens it again.
  /// - Parameter makeEngine: creates the engine, after the theme and the terminal were checked, and before the screen
  ///   is taken over.
  /// - Throws: `TrainingError` or `ExitCode.failure` if the training failed or the terminal was lost.
  func show(_ beginning: Dashboard.Beginning, of makeEngine: () throws -> any EngineClient) throws {
    let library = Self.library
    let (theme, name) = try chosenTheme(library)
    try CursesTerminal.check()
    let engine = try makeEngine()
    let options = TerminalOptions(environment: ProcessInfo.processInfo.environment)
    let terminal = try CursesTerminal(options: options)
    let remote = engine as? RemoteEngine
    let capabilities = terminal.capabilities
    var dashboard = Dashboard(
      beginning: beginning, theme: capabilities.suited(theme), themeName: name, library: library,
      glyphs: capabilities.glyphs, canLeave: remote != nil, isRecording: remote == nil)
    dashboard.appearance.suited = { capabilities.suited($0) }
    dashboard.takesMouse = options.usesMouse
    let loop = RunLoop(
      dashboard: dashboard, terminal: DashboardTerminal(terminal), engine: engine,
      resume: remote.map { remote in { try EngineStart.engine(resuming: remote) } },
      hasEnded: { ($0 as? RemoteEngine).map { !$0.isConnected && $0.goodbye != nil } ?? false },
      save: { path, text in try NewFile.write(text, to: path) })
    let end = loop.run()
    terminal.close()
    if let remote = loop.engine as? RemoteEngine { try finish(end, remote) }
  }

  /// Checks the theme even if no screen is shown.
  /// - Throws: `ThemeError`.
  func check() throws { _ = try chosenTheme(Self.library) }

  private static var library: ThemeLibrary { ThemeLibrary(searchPath: ThemeFolders.searchPath()) }

  private func chosenTheme(_ library: ThemeLibrary) throws -> (Theme, String) {
    guard let choice = theme else { return (.standard, Theme.standard.name) }
    if choice.contains("/") || choice.hasSuffix(".yaml") || choice.hasSuffix(".yml") {
      let theme = try Theme.load(contentsOf: choice)
      return (theme, theme.name)
    }
    return (try library.theme(named: choice), choice)
  }

  private func finish(_ end: DashboardEnd, _ remote: RemoteEngine) throws {
    let name = remote.runID.isEmpty ? "\(remote.process)" : remote.runID
    switch end {
    case .leftLauncher: remote.close()
    case .failed(let message): throw TrainingError(message)
    case .suspended: try StandardStream.output.print("suspended: signflip resume \(name) continues it")
    case .finished where !remote.isConnected:
      try StandardStream.output.print("signflip runs show \(name) shows the results")
    case .quitTraining, .finished:
      let process = "\(remote.process)"
      remote.close()
      let results = try Conversation(run: process, name: "stop", history: true).stop()
      if !results.isEmpty { try StandardStream.output.print(ResultTable.text(results)) }
      if results.contains(where: { $0.failure != nil }) { throw ExitCode.failure }
    case .leftTraining, .hangup:
      remote.close()
      try StandardStream.output.print("training continues: signflip attach \(name)")
      if end == .hangup { throw ExitCode.failure }
    }
  }
}
