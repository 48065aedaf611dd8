import ArgumentParser
import Foundation
import Sweeps
import Training

struct SweepPresets: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "presets", abstract: "List the built-in sweeps.", subcommands: [List.self, Show.self],
    defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the built-in sweeps with their results and costs.",
      discussion:
        "“signflip sweep NAME” trains one, “signflip sweep check NAME” tells what it comes to on this machine.")

    func run() throws {
      var lines: [String] = []
      for name in SweepLibrary.names {
        let sweep = try SweepReader(beside: name).read(SweepLibrary.text(of: name))
        let trials = try sweep.trials()
        lines += [
          name,
          "  \(sweep.experiment.summary)",
          "  result  \(sweep.experiment.expectedResult)",
          "  cost    \(sweep.experiment.cost)",
          "  trials  \(trials.count): \(trials.last?.setting ?? 0) settings, \(sweep.seeds.count) seeds",
          "",
        ]
      }
      lines.append("signflip sweep presets show NAME prints a sweep's YAML, as a template for your own.")
      try StandardStream.output.print(lines.joined(separator: "\n"))
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print a built-in sweep's YAML.")

    @Argument(help: "The sweep's name.")
    var name: String

    func run() throws { try StandardStream.output.write(SweepLibrary.text(of: name)) }
  }
}
