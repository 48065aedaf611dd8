import ArgumentParser
import Deployment
import Foundation
import Reports
import Sweeps

struct SweepReport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Write a report on a sweep: one HTML page, and the trials as CSV.",
    discussion: """
      Settings with mean, standard deviation and bootstrap interval over seeds, and compared with the best one over the \
      same seeds. The test accuracy is read for the chosen setting only.
      """)

  @OptionGroup var sweep: SweepArgument

  @Option(
    help: ArgumentHelp(
      "The HTML file; the CSV gets the same name with .csv. (default: the sweep's name with .html, in the current folder)",
      valueName: "file"))
  var output: String?

  @Flag(help: "Replace existing files.")
  var force = false

  func run() throws {
    let directory = try sweep.open()
    let survey = try SweepSurvey(directory)
    let results = SweepResults(survey)
    let path = output ?? "\(URL(filePath: directory.path).lastPathComponent).html"
    let table = (path.hasSuffix(".html") ? String(path.dropLast(5)) : path) + ".csv"
    let page = SweepPage(results, tests: try results.test()).html()
    try NewFile.write(page, to: path, replaces: force)
    try NewFile.write(SweepTable.trials(survey), to: table, replaces: force)
    try StandardStream.output.print("\(path)\n\(table)")
  }
}

struct SweepExport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write the trials of a sweep as CSV.",
    discussion: "In Python: pandas.read_csv(\"FILE\").")

  @OptionGroup var sweep: SweepArgument

  @Flag(help: "Write one row for each epoch of each lane instead of one for each trial.")
  var curves = false

  @Option(help: ArgumentHelp("The file, or - for standard output.", valueName: "file"))
  var output = "-"

  @Flag(help: "Replace an existing file.")
  var force = false

  func run() throws {
    let survey = try SweepSurvey(sweep.open())
    let text = curves ? SweepTable.curves(survey) : SweepTable.trials(survey)
    try NewFile.write(text, to: output, replaces: force)
  }
}
