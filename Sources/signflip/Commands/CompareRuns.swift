import ArgumentParser
import EngineProtocol
import RunStore
import Training

struct CompareRuns: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Compare the lanes of runs: different settings, and results.")

  @Argument(help: ArgumentHelp("The runs.", valueName: "run"))
  var names: [String]

  @OptionGroup var runs: RunsOption

  func run() throws {
    let histories = try names.map { try RunArchive.outline(of: runs.folder.find($0), points: false) }
    var faults: [String] = []
    let keys = histories.map { history in
      do {
        return try GivenKeys(history)
      } catch {
        faults.append("\(history.description.id): only its record is compared: \(error)")
        return GivenKeys()
      }
    }
    let comparison = RunComparison(histories, keys: keys)
    var table = TextTable([.word("")] + comparison.titles.map { .number($0) })
    table.rows = comparison.shownRows.map { [$0.title] + $0.cells }
    try StandardStream.output.print(([table.text] + comparison.remarks).joined(separator: "\n"))
    for fault in faults { try StandardStream.error.print(fault) }
  }
}
