import ArgumentParser

struct Runs: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List, show, compare, export and remove recorded runs.",
    subcommands: [ListRuns.self, ShowRun.self, CompareRuns.self, ExportRun.self, RemoveRun.self],
    defaultSubcommand: ListRuns.self)
}
