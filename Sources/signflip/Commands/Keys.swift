import ArgumentParser
import EngineProtocol
import Foundation
import Training

struct Keys: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the keys of a lane, with accepted values, defaults, and the lanes that have them.")

  @Argument(
    help: "A word to search for in names, values, lanes and help. (default: all keys)",
    completion: .list(LaneKey.all.map(\.name)))
  var word: String?

  @Flag(help: "Write the keys as JSON.")
  var json = false

  @Flag(help: .hidden)
  var markdown = false

  func run() throws {
    if markdown { return try StandardStream.output.write(KeyFacts.page) }
    let found = word.map { KeyFacts.search($0) } ?? KeyFacts.all
    guard !found.isEmpty else {
      let word = word ?? ""
      throw ValidationError(
        "expected a word of a key's name or help, found “\(word)”"
          + NearestName.question(word, among: LaneKey.all.map(\.name)))
    }
    if json {
      let text = String(decoding: try EngineJSON.encoder().encode(found.map(KeyLine.init)), as: UTF8.self)
      return try StandardStream.output.print(text)
    }
    try StandardStream.output.print(found.map(text).joined(separator: "\n\n"))
  }

  private func text(_ facts: KeyFacts) -> String {
    let key = facts.key
    let lines = [
      key.name + (key.isKnob ? "   (can be changed during training)" : ""), "  \(key.summary)",
      "  takes    \(key.values)\(key.unit.isEmpty || key.values.contains(key.unit) ? "" : " (\(key.unit))")",
      facts.standard.isEmpty ? "" : "  default  \(facts.standard)",
      facts.lanes.isEmpty ? "" : "  lanes    \(facts.lanes)",
    ]
    return lines.filter { !$0.isEmpty }.joined(separator: "\n")
  }
}

/// A key in JSON.
private struct KeyLine: Encodable {
  var key: String
  var values: String
  var words: [String]
  var `default`: String
  var unit: String
  var lanes: String
  var isKnob: Bool
  var summary: String

  init(_ facts: KeyFacts) {
    key = facts.key.name
    values = facts.key.values
    words = facts.key.words
    `default` = facts.standard
    unit = facts.key.unit
    lanes = facts.lanes
    isKnob = facts.key.isKnob
    summary = facts.key.summary
  }
}
