import ArgumentParser
import EngineProtocol
import Foundation
import Training

struct Data: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List, check and download data sets.",
    subcommands: [ListData.self, CheckData.self, GetData.self],
    defaultSubcommand: ListData.self)
}

struct ListData: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the data sets found, the folders searched, and how to get the others.")

  @Option(help: ArgumentHelp("A folder to search first.", valueName: "dir"))
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
      "--dataset DIR takes a folder: with four IDX files like MNIST's, with CIFAR's binary files, with",
      "train/CLASS/*.png and test/CLASS/*.png (or .jpg), or with train.csv and test.csv. signflip data check DIR shows",
      "how it is read.",
    ]
    try StandardStream.output.print(lines.joined(separator: "\n"))
  }
}
