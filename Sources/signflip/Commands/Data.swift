import ArgumentParser

struct Data: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the data sets found, and get others.", subcommands: [ListData.self, GetData.self],
    defaultSubcommand: ListData.self)
}
