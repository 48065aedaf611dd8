import ArgumentParser

struct Networks: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the networks that have a name, or show what a network costs.",
    subcommands: [ListNetworks.self, ShowNetwork.self], defaultSubcommand: ListNetworks.self)
}
