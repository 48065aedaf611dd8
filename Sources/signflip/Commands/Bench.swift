import ArgumentParser

struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure how much faster binary arithmetic is on this machine.",
    discussion:
      "Figures are the best of several interleaved rounds, so that ratios are reliable even on a busy machine.",
    subcommands: [
      BenchMachine.self, BenchTrain.self, BenchConvolution.self, BenchModel.self, BenchScreens.self,
    ],
    defaultSubcommand: BenchMachine.self)
}
