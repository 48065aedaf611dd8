import ArgumentParser

struct Data: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the data sets found, check them, and get others.",
    subcommands: [ListData.self, CheckData.self, GetData.self],
    defaultSubcommand: ListData.self)
}
