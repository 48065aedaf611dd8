import ArgumentParser
import TerminalUI

struct Themes: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the themes found, and where they were looked for.",
    discussion: "A base16 or base24 scheme in YAML, put into one of the folders, is a theme.")

  func run() throws {
    let library = ThemeLibrary(searchPath: ThemeFolders.searchPath())
    var lines = library.themes().map { "\($0.name)   \($0.path ?? "built in")" }
    lines += ["", "looked in: \(library.searchPath.joined(separator: ", "))"]
    try StandardStream.output.print(lines.joined(separator: "\n"))
  }
}
