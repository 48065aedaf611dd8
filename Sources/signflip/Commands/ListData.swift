import ArgumentParser
import EngineProtocol
import Foundation
import Training

struct Data: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the data sets found, check them, and get others.",
    subcommands: [ListData.self, CheckData.self, GetData.self],
    defaultSubcommand: ListData.self)
}

struct ListData: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the data sets found, where they were looked for, and how to get the others.")

  @Option(help: ArgumentHelp("A folder to look into first.", valueName: "dir"))
  var data: String?

  func run() throws {
    let catalog = ExperimentResolver(environment: ProcessInfo.processInfo.environment).catalog(dataDirectory: data)
    var lines: [String] = []
    for dataset in catalog.datasets {
      lines.append("\(dataset.name)   \(dataset.summary)")
      if let location = dataset.location {
        lines.append("  found     \(location)")
      } else {
        lines += ["  not found", "  get it    \(dataset.howToGet)"]
      }
      lines.append("")
    }
    lines += [
      "default: \(catalog.defaultReason)",
      "looked in: \(catalog.searchPath.joined(separator: ", "))",
      "A folder can be given as --dataset DIR: with four IDX files as MNIST's, with CIFAR's binary files, with",
      "train/CLASS/*.png and test/CLASS/*.png (or .jpg), or with train.csv and test.csv. signflip data check DIR tells",
      "what it is taken for.",
    ]
    try StandardStream.output.print(lines.joined(separator: "\n"))
  }
}
