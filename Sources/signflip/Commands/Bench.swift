import ArgumentParser

struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure how much binary arithmetic gains on this machine.",
    discussion:
      "Figures are the best of several interleaved rounds, so that ratios are reliable on a busy machine too.",
    subcommands: [BenchMachine.self, BenchTrain.self, BenchConvolution.self, BenchModel.self],
    defaultSubcommand: BenchMachine.self)
}
