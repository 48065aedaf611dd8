import EngineProtocol
import Foundation
import Yams

/// A change in the form of `--set`: `lane.key=value`, or `key=value` for all lanes. An empty value removes the key.
struct SettingChange: Hashable, Sendable {
  /// The text as given to `--set`.
  let text: String
  /// The lane's name; nil for all lanes.
  let lane: String?
  /// A key of a lane, or of the experiment.
  let key: String
  /// The value as YAML; empty to remove the key.
  let value: String

  // Keys with an option of their own that applies to the whole run.
  private static let options = [
    "seed": "seed", "dataset": "dataset", "lanes": "lanes", "threads": "threads", "data": "data", "runs": "runs",
    "steer": "steer", "steering": "steer", "theme": "theme",
  ]

  /// Parses `text`.
  /// - Throws: `ExperimentError`.
  init(_ text: String) throws {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let place = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, (1...2).contains(place.count), place.allSatisfy({ !$0.isEmpty }) else {
      throw ExperimentError(
        code: .invalidValue, message: "--set: expected lane.key=value or key=value, found “\(text)”")
    }
    self.text = text
    lane = place.count == 2 ? String(place[0]) : nil
    key = String(place[place.count - 1])
    let words = parts[1].trimmingCharacters(in: .whitespaces)
    value = ["~", "null", "Null", "NULL"].contains(words) ? "" : words
    if let option = Self.options[key] {
      throw ExperimentError(
        code: .unknownKey,
        message: "\(source.name): “\(key)” is not a key of a lane; use --\(option) \(words.isEmpty ? "VALUE" : words)")
    }
    if key == "name" { throw wrong(expected: "a key that can be changed", found: "name", code: .unknownKey) }
  }

  /// Identifies the change in error messages.
  var source: YAMLSource { .change(text) }

  /// The hyperparameter of this key; nil for other keys.
  var hyperparameter: Hyperparameter? { Hyperparameter(rawValue: key) }

  /// Whether the change removes the key, so that the default applies.
  var removes: Bool { value.isEmpty }

  /// Returns a section in which this change overrides `section`.
  func over(_ section: YAMLSection) throws -> YAMLSection {
    if removes {
      return try YAMLSection(
        Node([(Node, Node)]()), source: source, path: "", over: section, removing: [key])
    }
    guard let node = try? compose(yaml: value) else {
      throw wrong(expected: "a value", found: value, code: .invalidValue)
    }
    return try YAMLSection(Node([(Node(key), node)]), source: source, path: "", over: section)
  }

  /// Returns an error about this change.
  /// - Parameter near: the end of the message, with a suggestion.
  func wrong(expected: String, found: String, code: ExperimentError.Code, near: String = "") -> ExperimentError {
    ExperimentError(code: code, message: "\(source.name): expected \(expected), found “\(found)”\(near)")
  }
}
