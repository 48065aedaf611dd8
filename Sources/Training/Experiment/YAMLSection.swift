import EngineProtocol
import Foundation
package import Yams

/// A source of YAML text, for error messages.
package enum YAMLSource: Hashable, Sendable {
  /// A text with line numbers, with its path or the name of its preset.
  case lines(String)
  /// A change on the command line, as given to `--set`. It has no line numbers.
  case change(String)

  /// The name in error messages.
  package var name: String {
    switch self {
    case .lines(let name): name
    case .change(let text): "--set \(text)"
    }
  }

  /// Returns the position of a node: the name, and the line number where there is one.
  package func place(of node: Node) -> String {
    guard case .lines(let name) = self, let mark = node.mark else { return name }
    return "\(name):\(mark.line)"
  }
}

/// A mapping in an experiment's YAML, read key by key. Error messages contain the file, the line and the key.
///
/// A section may have a fallback section for keys that it lacks: a lane falls back to the defaults, and `--set`
/// overrides the lane.
package final class YAMLSection {
  /// The position of the section, for error messages: “lanes[1]”.
  package let path: String
  /// The text that contains the section.
  package let source: YAMLSource
  private let entries: [String: Node]
  private let below: YAMLSection?
  // Keys that are treated as absent, here and in the fallback.
  private let removed: Set<String>
  private var known: Set<String> = []

  /// Reads the mapping `node` of `source`.
  /// - Parameter removed: keys to ignore in the fallback sections.
  package init(
    _ node: Node, source: YAMLSource, path: String, over below: YAMLSection? = nil, removing removed: Set<String> = []
  ) throws {
    guard let mapping = node.mapping else {
      throw ExperimentError(
        code: .malformed,
        message:
          "\(source.place(of: node)): \(path.isEmpty ? "" : "\(path): ")expected keys with values, found \(YAMLSection.kind(of: node))"
      )
    }
    var entries: [String: Node] = [:]
    for (key, value) in mapping {
      guard let name = key.string else {
        throw ExperimentError(code: .malformed, message: "\(source.place(of: key)): expected a word as key")
      }
      entries[name] = value
    }
    self.source = source
    self.path = path
    self.entries = entries
    self.below = below
    self.removed = removed
  }

  /// Returns whether the section itself has the key, not only its fallback.
  package func hasOwn(_ key: String) -> Bool { entries[key].map { $0.null == nil } ?? false }

  /// Returns the node of a key; nil if it is absent or empty.
  package func node(_ key: String) -> Node? {
    known.insert(key)
    if removed.contains(key) { return nil }
    if let own = entries[key], own.null == nil { return own }
    return below?.node(key)
  }

  /// Returns the mapping of a key.
  package func section(_ key: String) throws -> YAMLSection? {
    guard let node = node(key) else { return nil }
    let owner = owner(of: key)
    return try YAMLSection(node, source: owner.source, path: owner.label(key))
  }

  /// Returns the text of a key.
  package func string(_ key: String) throws -> String? {
    guard let node = node(key) else { return nil }
    guard let text = node.scalar?.string else { throw wrong(key, expected: "a text") }
    return text
  }

  /// Returns the number of a key, within `range`.
  package func number(_ key: String, in range: ClosedRange<Double>) throws -> Double? {
    guard let node = node(key) else { return nil }
    guard let text = node.scalar?.string, let number = WrittenNumber.decimal(text), range.contains(number) else {
      throw wrong(key, expected: "a number from \(short(range.lowerBound)) to \(short(range.upperBound))")
    }
    return number
  }

  /// Returns the whole number of a key, within `range`.
  package func integer(_ key: String, in range: ClosedRange<Int>) throws -> Int? {
    guard let node = node(key) else { return nil }
    guard let text = node.scalar?.string, let number = WrittenNumber.whole(text), range.contains(number) else {
      throw wrong(key, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// Returns the whole number of a key, from 0 to 2⁶⁴-1.
  package func unsigned(_ key: String) throws -> UInt64? {
    guard let node = node(key) else { return nil }
    guard let text = node.scalar?.string, let number = WrittenNumber.unsigned(text) else {
      throw wrong(key, expected: "a whole number from 0 to \(UInt64.max)")
    }
    return number
  }

  /// Returns the Boolean of a key.
  package func flag(_ key: String) throws -> Bool? {
    guard let node = node(key) else { return nil }
    switch node.scalar?.string.lowercased() {
    case "true", "yes", "on": return true
    case "false", "no", "off": return false
    default: throw wrong(key, expected: "true or false")
    }
  }

  /// Returns the word of a key as a case of an enumeration.
  package func choice<Choice: RawRepresentable & CaseIterable>(_ key: String) throws -> Choice?
  where Choice.RawValue == String {
    try word(key, of: Choice.allCases.map(\.rawValue)).flatMap { Choice(rawValue: $0) }
  }

  /// Returns the word of a key, one of `words`.
  package func word(_ key: String, of words: [String]) throws -> String? {
    guard let node = node(key) else { return nil }
    guard let word = node.scalar?.string, words.contains(word) else {
      let near = node.scalar.map { NearestName.question($0.string, among: words) } ?? ""
      throw wrong(key, expected: words.joined(separator: " or "), near: near)
    }
    return word
  }

  /// Returns the list of whole numbers of a key.
  package func integers(_ key: String, in range: ClosedRange<Int>) throws -> [Int]? {
    guard let node = node(key) else { return nil }
    let numbers = node.sequence?.map { $0.scalar.flatMap { WrittenNumber.whole($0.string) } }
    guard let numbers, numbers.allSatisfy({ $0.map(range.contains) ?? false }) else {
      throw wrong(key, expected: "a list of whole numbers from \(range.lowerBound) to \(range.upperBound)")
    }
    return numbers.compactMap { $0 }
  }

  /// Returns the list of numbers of a key.
  package func numbers(_ key: String, count: Int) throws -> [Double]? {
    guard let node = node(key) else { return nil }
    let numbers = node.sequence?.compactMap { $0.scalar.flatMap { WrittenNumber.decimal($0.string) } }
    guard let numbers, numbers.count == count, numbers.allSatisfy({ Float($0).isFinite }) else {
      throw wrong(key, expected: "a list of \(count) numbers")
    }
    return numbers
  }

  /// Rejects keys that were not read, so that misspelt keys are not silently ignored.
  package func checkForUnknownKeys() throws {
    let places = entries.mapValues { source.place(of: $0) }
      .merging(removed.map { ($0, source.name) }) { first, _ in first }
    for (key, place) in places.sorted(by: { $0.key < $1.key }) where !known.contains(key) {
      throw ExperimentError(
        code: .unknownKey,
        message: "\(place): unknown key “\(label(key))”; expected one of \(known.sorted().joined(separator: ", "))"
          + NearestName.question(key, among: known.sorted()))
    }
    below?.markKnown(known)
    try below?.checkForUnknownKeys()
  }

  /// Returns an error about the value of a key.
  /// - Parameter near: the end of the message, with a suggestion.
  package func wrong(
    _ key: String, expected: String, code: ExperimentError.Code = .invalidValue, near: String = ""
  ) -> ExperimentError {
    guard let node = node(key) else {
      return ExperimentError(code: code, message: "\(source.name): \(label(key)): expected \(expected), found nothing")
    }
    let found = node.scalar.map { "“\($0.string)”" } ?? YAMLSection.list(node) ?? YAMLSection.kind(of: node)
    let owner = owner(of: key)
    return ExperimentError(
      code: code,
      message: "\(owner.source.place(of: node)): \(owner.label(key)): expected \(expected), found \(found)"
        + near)
  }

  /// Returns a key with its section, for error messages.
  package func label(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  private func markKnown(_ keys: Set<String>) {
    known.formUnion(keys)
    below?.markKnown(keys)
  }

  /// Returns the section that contains a key: this one or a fallback.
  func owner(of key: String) -> YAMLSection {
    if entries[key] != nil || removed.contains(key) { return self }
    return below?.owner(of: key) ?? self
  }

  private func short(_ number: Double) -> String {
    number == number.rounded() && abs(number) < 1e9 ? String(Int(number)) : "\(number)"
  }

  // Returns a list of words as written; nil if it is not one, or is long.
  private static func list(_ node: Node) -> String? {
    guard let items = node.sequence?.map(\.scalar?.string), items.count <= 8, items.allSatisfy({ $0 != nil }) else {
      return nil
    }
    return "[\(items.compactMap { $0 }.joined(separator: ", "))]"
  }

  package static func kind(of node: Node) -> String {
    switch node {
    case .scalar(let scalar): scalar.string.isEmpty ? "nothing" : "“\(scalar.string)”"
    case .mapping: "keys with values"
    case .sequence: "a list"
    case .alias: "an alias"
    }
  }
}
