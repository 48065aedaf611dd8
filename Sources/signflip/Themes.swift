import ArgumentParser
import TerminalUI

struct Themes: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the themes found, and where they were looked for.",
    discussion: "A base16 or base24 scheme in YAML, put into one of the folders, is a theme.")

  func run() throws {
    let library = ThemeLibrary(searchPath: ThemeFolders.searchPath())
    for entry in library.themes() {
      print("\(entry.name)   \(entry.path ?? "built in")")
    }
    print("")
    print("looked in: \(library.searchPath.joined(separator: ", "))")
  }
}
