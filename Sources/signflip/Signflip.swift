import ArgumentParser

@main
struct Signflip: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "signflip",
    abstract: "Train binary neural networks and watch them learn.",
    discussion: "Without a subcommand the launcher opens.",
    version: "0.1.0",
    subcommands: [Launcher.self, Train.self, Presets.self, Data.self, Themes.self],
    defaultSubcommand: Launcher.self)

  static func main() {
    ProcessEnvironment.establish()
    main(nil)
  }
}
