import ArgumentParser
import Dashboard

struct Launcher: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Choose what to train, and watch it.",
    usage: "signflip [launcher] [--theme <name|file>] [--data <dir>]")

  @OptionGroup var screen: ScreenOptions

  @Option(help: ArgumentHelp("A folder to search for data sets first.", valueName: "dir"))
  var data: String?

  // As this is the default subcommand, an argument here was meant as a subcommand.
  @Argument(help: .hidden)
  var words: [String] = []

  func validate() throws {
    guard let word = words.first else { return }
    throw ValidationError("\(word): expected a subcommand, found none of that name; signflip --help lists them")
  }

  func run() throws { try screen.show(.launcher(dataDirectory: data)) { try EngineStart.engine(name: "launcher") } }
}
