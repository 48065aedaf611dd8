import ArgumentParser
import Dashboard

struct Launcher: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Choose what to train, and watch it.")

  @OptionGroup var screen: ScreenOptions

  @Option(help: ArgumentHelp("A folder to look for data sets in first.", valueName: "dir"))
  var data: String?

  func run() throws { try screen.show(.launcher(dataDirectory: data)) { try EngineStart.engine(name: "launcher") } }
}
