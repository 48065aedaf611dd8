import ArgumentParser
import Dashboard
import Foundation
import TerminalUI

struct Config: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show and check the settings: theme, glyphs, mouse, first screen, keys.",
    discussion: """
      The settings are in config.yaml; signflip never writes this file. To start from the current settings: signflip \
      config show > "$(signflip config path)". Open screens read it again when it changes.
      """,
    subcommands: [Show.self, Keys.self, Check.self, Path.self], defaultSubcommand: Show.self)

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print the settings as YAML, with every action and its keys; defaults are comments.")

    func run() throws {
      let file = SettingsFile(library: ThemeFolders.library)
      let reading = file.read()
      for problem in reading.problems { try StandardStream.error.print("ignored: \(problem)") }
      try StandardStream.output.write(reading.settings.yaml(path: file.path))
    }
  }

  struct Keys: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print every key and : command of the screen, as Markdown.",
      discussion: "With the keys of the file of settings.")

    func run() throws {
      let reading = SettingsFile(library: ThemeFolders.library).read()
      for problem in reading.problems { try StandardStream.error.print("ignored: \(problem)") }
      try StandardStream.output.write(ActionPage.markdown(KeyMap(rebound: reading.settings.keys)))
    }
  }

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check the file of settings.",
      discussion: "Prints what is wrong at which line. The exit status is 0 only if nothing is.")

    @Argument(help: ArgumentHelp("Another file to check. (default: the user's)", valueName: "file"))
    var file: String?

    func run() throws {
      let library = ThemeFolders.library
      let settings = file.map { SettingsFile(path: $0, library: library) } ?? SettingsFile(library: library)
      let exists = FileManager.default.fileExists(atPath: settings.path)
      guard exists || file == nil else {
        throw ValidationError("\(settings.path): expected a file of settings, found no such file")
      }
      let problems = settings.read().problems
      guard problems.isEmpty else {
        try StandardStream.output.print(problems.map(\.description).joined(separator: "\n"))
        throw ExitCode.failure
      }
      try StandardStream.output.print(
        "\(settings.path): " + (exists ? "valid" : "no such file, so every setting has its default"))
    }
  }

  struct Path: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print the path of the file of settings.")

    func run() throws { try StandardStream.output.print(SettingsFile(library: ThemeFolders.library).path) }
  }
}
