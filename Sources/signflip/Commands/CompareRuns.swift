import ArgumentParser
import RunStore

struct CompareRuns: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Put the lanes of runs side by side: what differs, and what came of it.")

  @Argument(help: ArgumentHelp("The runs.", valueName: "run"))
  var names: [String]

  @OptionGroup var runs: RunsOption

  func run() throws {
    let comparison = RunComparison(try names.map { try RunArchive.outline(of: runs.folder.find($0), points: false) })
    var table = TextTable([.word("")] + comparison.titles.map { .number($0) })
    table.rows = comparison.shownRows.map { [$0.title] + $0.cells }
    try StandardStream.output.print(table.text)
  }
}
