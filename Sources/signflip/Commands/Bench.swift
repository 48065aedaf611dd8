import ArgumentParser

struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure what bits are worth on this machine.",
    discussion: "Figures are the best of several rounds in turn, so that ratios hold also on a machine that is busy.",
    subcommands: [BenchMachine.self, BenchTrain.self, BenchConvolution.self, BenchModel.self],
    defaultSubcommand: BenchMachine.self)
}
