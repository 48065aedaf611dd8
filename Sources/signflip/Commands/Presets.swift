import ArgumentParser
import EngineProtocol
import Foundation
import Training

struct Presets: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the built-in experiments.", subcommands: [List.self, Show.self],
    defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the presets with their expected results and costs.")

    func run() throws {
      let catalog = ExperimentResolver(environment: ProcessInfo.processInfo.environment).catalog()
      var lines: [String] = []
      for (index, preset) in catalog.presets.enumerated() {
        lines += [
          "\(preset.name)\(index == 0 ? "   (default: \(catalog.defaultReason))" : "")",
          "  \(preset.summary)",
          "  expected  \(preset.expectedResult)",
          "  cost      \(preset.cost)",
          "  lanes     \(preset.lanes.map { "\($0.name) (\($0.method))" }.joined(separator: ", "))",
          "",
        ]
      }
      lines.append("signflip presets show NAME prints a preset's YAML, as a template for your own experiment.")
      try StandardStream.output.print(lines.joined(separator: "\n"))
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print a preset's YAML.")

    @Argument(help: "The preset's name.")
    var name: String

    func run() throws { try StandardStream.output.write(PresetLibrary.text(of: name)) }
  }
}
