import ArgumentParser

struct Themes: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "List the themes found, and where they were looked for.")

  func run() throws {}
}
