import CursesBackend
import Dashboard
import Deployment
import EngineProtocol
import EngineService
import Foundation
import TerminalUI

/// What all screens of a command share: the settings, the theme, and what is remembered.
struct ScreenSession {
  private let library: ThemeLibrary
  private let file: SettingsFile
  private let settings: Settings
  private let theme: Theme
  private let themeName: String
  private let hasFixedTheme: Bool
  private let usesImages: Bool
  private let panels: [ChartPanel]
  private let problems: [SettingsProblem]

  /// Reads the settings, and checks the theme and the terminal before the screen is taken over.
  /// - Parameters:
  ///   - theme: the theme of the command line; nil for that of the settings.
  ///   - usesImages: whether the terminal may draw images.
  /// - Throws: `ThemeError`; an error if there is no terminal.
  init(theme: String?, usesImages: Bool) throws {
    self.usesImages = usesImages
    library = ThemeFolders.library
    file = SettingsFile(library: library)
    let reading = file.read()
    settings = reading.settings
    (self.theme, themeName) = try library.theme(chosen: theme ?? settings.theme)
    hasFixedTheme = theme != nil
    try CursesTerminal.check()
    let charts = ScreenMemory.charts()
    panels = charts.panels
    problems = reading.problems + [charts.problem].compactMap(\.self)
    for problem in problems { try? StandardStream.error.print("signflip: ignored: \(problem)") }
  }

  /// Takes over the terminal.
  /// - Throws: an error if it cannot be used.
  func terminal() throws -> CursesTerminal {
    var options = TerminalOptions(environment: ProcessInfo.processInfo.environment)
    options.usesMouse = settings.mouse ?? options.usesMouse
    options.usesImages = usesImages
    return try CursesTerminal(options: options)
  }

  /// Returns a dashboard that suits the terminal.
  func dashboard(
    _ beginning: Dashboard.Beginning, on terminal: CursesTerminal, engine: any EngineClient
  ) -> Dashboard {
    let capabilities = terminal.capabilities
    let isRemote = engine is RemoteEngine
    var dashboard = Dashboard(
      beginning: beginning, theme: capabilities.suited(theme), themeName: themeName, library: library,
      glyphs: capabilities.glyphs, settings: settings, canLeave: isRemote, isRecording: !isRemote)
    dashboard.appearance.suited = { capabilities.suited($0) }
    dashboard.useGlyphs(settings.glyphs) { capabilities.suited($0) }
    dashboard.allowImages(settings.images ?? true)
    dashboard.takesMouse = settings.mouse ?? TerminalOptions(environment: ProcessInfo.processInfo.environment).usesMouse
    dashboard.hasFixedTheme = hasFixedTheme
    dashboard.report(problems)
    dashboard.setCharts(panels)
    dashboard.commandHistory = CommandHistory(folder: UserFolders.state()).read()
    return dashboard
  }

  /// Runs a dashboard until it is closed, and gives the terminal back.
  /// - Returns: why it was closed, its last state, and its last engine.
  func run(
    _ dashboard: Dashboard, on terminal: CursesTerminal, engine: any EngineClient, sweep: (any SweepClient)? = nil
  ) -> (end: DashboardEnd, dashboard: Dashboard, engine: any EngineClient) {
    let remote = engine as? RemoteEngine
    let history = CommandHistory(folder: UserFolders.state())
    let file = file
    let loop = RunLoop(
      dashboard: dashboard, terminal: DashboardTerminal(terminal), engine: engine, sweep: sweep,
      resume: remote.map { remote in { try EngineStart.engine(resuming: remote) } },
      hasEnded: ScreenOptions.hasEnded,
      changedSettings: { file.readIfChanged() },
      keepCommand: { try history.append($0) }, keepPlace: { try $0.write(in: UserFolders.state()) },
      save: { path, text in try NewFile.write(text, to: path) },
      saveCharts: { list in try ScreenMemory.saveCharts(list) })
    let end = loop.run()
    terminal.close()
    return (end, loop.dashboard, loop.engine)
  }
}
