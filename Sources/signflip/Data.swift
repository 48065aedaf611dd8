import ArgumentParser
import EngineProtocol
import Foundation
import Training

struct Data: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the data sets found, where they were looked for, and how to get the others.")

  @Option(help: ArgumentHelp("A folder to look into first.", valueName: "dir"))
  var data: String?

  func run() throws {
    let catalog = ExperimentResolver(environment: ProcessInfo.processInfo.environment).catalog(dataDirectory: data)
    for dataset in catalog.datasets {
      print("\(dataset.name)   \(dataset.summary)")
      if let location = dataset.location {
        print("  found     \(location)")
      } else {
        print("  not found")
        print("  get it    \(dataset.howToGet)")
      }
      print("")
    }
    print("default: \(catalog.defaultReason)")
    print("looked in: \(catalog.searchPath.joined(separator: ", "))")
    print("Any folder with the four IDX files of MNIST's layout can be given as --dataset DIR.")
  }
}
