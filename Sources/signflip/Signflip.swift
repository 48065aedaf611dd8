import ArgumentParser

@main
struct Signflip: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "signflip", abstract: "Train binary neural networks and watch them learn.")
}
