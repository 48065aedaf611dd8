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
    let library = ThemeFolders.library
    let file = SettingsFile(library: library)
    let reading = file.read()
    let settings = reading.settings
    let (theme, name) = try library.theme(chosen: theme ?? settings.theme)
    try CursesTerminal.check()
    for problem in reading.problems { try? StandardStream.error.print("signflip: ignored: \(problem)") }
    let engine = try makeEngine()
    var options = TerminalOptions(environment: ProcessInfo.processInfo.environment)
    options.usesMouse = settings.mouse ?? options.usesMouse
    let terminal = try CursesTerminal(options: options)
    let remote = engine as? RemoteEngine
    let capabilities = terminal.capabilities
    var dashboard = Dashboard(
      beginning: beginning, theme: capabilities.suited(theme), themeName: name, library: library,
      glyphs: capabilities.glyphs, settings: settings, canLeave: remote != nil, isRecording: remote == nil)
    dashboard.appearance.suited = { capabilities.suited($0) }
    dashboard.useGlyphs(settings.glyphs) { capabilities.suited($0) }
    dashboard.takesMouse = options.usesMouse
    dashboard.hasFixedTheme = self.theme != nil
    dashboard.report(reading.problems)
    dashboard.setCharts(ScreenMemory.charts)
    let loop = RunLoop(
      dashboard: dashboard, terminal: DashboardTerminal(terminal), engine: engine,
      resume: remote.map { remote in { try EngineStart.engine(resuming: remote) } },
      hasEnded: { ($0 as? RemoteEngine).map { !$0.isConnected && $0.goodbye != nil } ?? false },
      changedSettings: { file.readIfChanged() }, save: { path, text in try NewFile.write(text, to: path) },
      saveCharts: { list in try ScreenMemory.saveCharts(list) })
    let end = loop.run()
    terminal.close()
    if let remote = loop.engine as? RemoteEngine { try finish(end, remote) }
  }

  /// Checks the theme even if no screen is shown.
  /// - Throws: `ThemeError`.
  func check() throws { _ = try ThemeFolders.library.theme(chosen: theme) }

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
