import ArgumentParser
import EngineProtocol
import Foundation
import Training

struct Presets: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the experiments that ship with the program.", subcommands: [List.self, Show.self],
    defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the presets with expected result and cost.")

    func run() throws {
      let catalog = ExperimentResolver(environment: ProcessInfo.processInfo.environment).catalog()
      for (index, preset) in catalog.presets.enumerated() {
        print("\(preset.name)\(index == 0 ? "   (default: \(catalog.defaultReason))" : "")")
        print("  \(preset.summary)")
        print("  expected  \(preset.expectedResult)")
        print("  cost      \(preset.cost)")
        print("  lanes     \(preset.lanes.map { "\($0.name) (\($0.method))" }.joined(separator: ", "))")
        print("")
      }
      print("signflip presets show NAME prints a preset's YAML, to start an experiment of your own from.")
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print a preset's YAML.")

    @Argument(help: "The preset's name.")
    var name: String

    func run() throws { print(try PresetLibrary.text(of: name), terminator: "") }
  }
}
