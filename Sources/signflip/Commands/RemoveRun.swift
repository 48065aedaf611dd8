import ArgumentParser
import RunStore

struct RemoveRun: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rm", abstract: "Remove runs with all their data: metrics, checkpoints, log.")

  @Argument(help: ArgumentHelp("The runs.", valueName: "run"))
  var names: [String]

  @OptionGroup var runs: RunsOption

  func run() throws {
    // All runs are found before one is removed.
    for directory in try names.map({ try runs.folder.find($0) }) {
      try runs.folder.remove(directory)
      try StandardStream.output.print("removed \(directory)")
    }
  }
}
