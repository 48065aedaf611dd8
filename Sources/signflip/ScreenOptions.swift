import ArgumentParser
import CursesBackend
import Dashboard
import EngineProtocol
import Foundation
import TerminalUI

/// What every command with a screen can set.
struct ScreenOptions: ParsableArguments {
  @Option(help: ArgumentHelp("A theme's name or YAML file.", valueName: "name|file"))
  var theme: String?

  /// Shows the dashboard until the person leaves it, then prints what was learned.
  /// - Parameter makeEngine: makes the engine to show, after the theme and the terminal have been found good and before
  ///   the screen is taken.
  /// - Throws: `TrainingError` or `ExitCode.failure` where the training failed or the terminal went away.
  func show(_ beginning: Dashboard.Beginning, of makeEngine: () throws -> any EngineClient) throws {
    let library = ThemeLibrary(searchPath: ThemeFolders.searchPath())
    let (theme, name) = try chosenTheme(library)
    try CursesTerminal.check()
    let engine = try makeEngine()
    let terminal = try CursesTerminal()
    let dashboard = Dashboard(
      beginning: beginning, theme: terminal.capabilities.suited(theme), themeName: name, library: library,
      glyphs: terminal.capabilities.glyphs)
    let loop = RunLoop(dashboard: dashboard, terminal: DashboardTerminal(terminal), engine: engine)
    let end = loop.run()
    terminal.close()
    try finish(end, engine)
  }

  private func chosenTheme(_ library: ThemeLibrary) throws -> (Theme, String) {
    guard let choice = theme else { return (.standard, Theme.standard.name) }
    if choice.contains("/") || choice.hasSuffix(".yaml") || choice.hasSuffix(".yml") {
      let theme = try Theme.load(contentsOf: choice)
      return (theme, theme.name)
    }
    return (try library.theme(named: choice), choice)
  }

  private func finish(_ end: DashboardEnd, _ engine: any EngineClient) throws {
    switch end {
    case .leftLauncher: return
    case .failed(let message):
      throw TrainingError(message)
    case .quitTraining, .finished, .hangup:
      let results = stopAndCollect(engine)
      if !results.isEmpty { try StandardStream.output.print(ResultTable.text(results)) }
      if end == .hangup || results.contains(where: { $0.failure != nil }) { throw ExitCode.failure }
    }
  }

  // Ends what still trains; what was learned is tested.
  private func stopAndCollect(_ engine: any EngineClient) -> [LaneResult] {
    guard !engine.snapshot().lanes.isEmpty else { return [] }
    engine.send(.stop(.all))
    while engine.snapshot().phase == .training { Thread.sleep(forTimeInterval: 0.02) }
    var results: [LaneResult] = []
    for case .laneEnded(let result) in engine.events(after: .withoutPoints).events { results.append(result) }
    return results.ordered(as: engine.snapshot().lanes.map(\.name))
  }
}
