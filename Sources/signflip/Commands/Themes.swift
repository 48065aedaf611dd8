import ArgumentParser
import Foundation
import TerminalUI

struct Themes: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the themes found, and the folders searched.",
    discussion: "To add a theme, put a base16 or base24 scheme in YAML into one of the folders.")

  func run() throws {
    let library = ThemeFolders.library
    var lines = library.themes().map { "\($0.name)   \($0.path ?? "built in")" }
    lines += ["", "looked in: \(library.searchPath.joined(separator: ", "))"]
    try StandardStream.output.print(lines.joined(separator: "\n"))
  }
}

/// The directories of themes.
enum ThemeFolders {
  /// The themes of these directories.
  static var library: ThemeLibrary { ThemeLibrary(searchPath: searchPath()) }

  /// Returns the user's directory, the installed one, and the package's, in this order.
  static func searchPath(environment: [String: String] = ProcessInfo.processInfo.environment) -> [String] {
    [UserFolders.configuration(environment) + "/themes"] + shipped()
  }

  // Beside the installed program (bin/signflip, share/signflip/themes), and in the package if it is run from there
  // (.build/release/signflip, themes).
  private static func shipped() -> [String] {
    let program = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    var folder = program.deletingLastPathComponent()
    var found = [folder.deletingLastPathComponent().appending(path: "share/signflip/themes").path]
    while folder.path != "/" {
      let themes = folder.appending(path: "themes").path
      if FileManager.default.fileExists(atPath: folder.appending(path: "Package.swift").path) { found.append(themes) }
      folder = folder.deletingLastPathComponent()
    }
    return found
  }
}
