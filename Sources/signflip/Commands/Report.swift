import ArgumentParser
import Deployment
import EngineProtocol
import Reports
import RunStore

struct Report: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a report on a run: one HTML file with charts, tables, changes and the machine.")

  @Option(
    help: ArgumentHelp(
      "The file, or - for standard output. (default: the run's name with .html, in the current folder)",
      valueName: "file"))
  var output: String?

  @Flag(help: "Replace an existing file.")
  var force = false

  @OptionGroup var recorded: RecordedRunOptions

  func run() throws {
    let history = try recorded.outline(points: true)
    let path = output ?? "\(history.description.id).html"
    if path == "-" { return try StandardStream.output.write(ReportPage(history).html()) }
    try NewFile.write(ReportPage(history).html(), to: path, replaces: force)
    try StandardStream.output.print(path)
  }
}
