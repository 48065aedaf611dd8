import ArgumentParser
import EngineProtocol
import Foundation
import Sweeps
import Training

/// Checks the command line before it is parsed, for mistakes that the parser would ignore or report unclearly.
enum CommandWords {
  /// Finds options without a value and misspelt subcommands.
  /// - Throws: `ValidationError`.
  static func check(_ words: [String]) throws {
    try checkForEmptyValues(words)
    var group: any ParsableCommand.Type = Signflip.self
    var path = "signflip"
    for word in words {
      let commands = group.configuration.subcommands
      if commands.isEmpty || word.hasPrefix("-") || word == "help" { return }
      // The file of a sweep, or its name, stands where a subcommand would.
      if group == Sweep.self, SweepLibrary.isFile(word) || SweepLibrary.names.contains(word) { return }
      guard let next = commands.first(where: { $0._commandName == word }) else {
        throw ValidationError(unknown(word, among: commands, of: path))
      }
      group = next
      path += " " + word
    }
  }

  // An empty path would be the working directory.
  private static func checkForEmptyValues(_ words: [String]) throws {
    let words = words.prefix { $0 != "--" }
    for (index, word) in words.enumerated() where word.hasPrefix("--") {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let isEmpty = parts.count == 2 ? parts[1].isEmpty : words.dropFirst(index + 1).first?.isEmpty == true
      if isEmpty { throw ValidationError("\(parts[0]): expected a value, found an empty one") }
    }
  }

  private static func unknown(_ word: String, among commands: [any ParsableCommand.Type], of path: String) -> String {
    let isSweep = path == "signflip sweep"
    let names =
      commands.filter { $0.configuration.shouldDisplay }.map { $0._commandName } + (isSweep ? SweepLibrary.names : [])
    let isExperiment = path == "signflip" && (PresetLibrary.names.contains(word) || word.hasSuffix(".yaml"))
    let near = isExperiment ? "; did you mean “signflip train \(word)”?" : NearestName.question(word, among: names)
    let end = near.isEmpty ? ";" : near
    let expected = isSweep ? "a subcommand or a sweep" : "a subcommand"
    return "\(word): expected \(expected), found none of that name\(end) \(path) --help lists them"
  }
}
