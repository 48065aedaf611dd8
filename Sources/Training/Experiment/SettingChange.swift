import EngineProtocol
import Foundation
import Yams

/// A change as in `--set`: `lane.key=value`, or `key=value` for all lanes. An empty value takes the key away.
struct SettingChange: Hashable, Sendable {
  /// As it was given.
  let text: String
  /// The lane's name; nil for all lanes.
  let lane: String?
  /// A key of a lane, or of the experiment.
  let key: String
  /// The value, as YAML; empty where the key is taken away.
  let value: String

  // What has an option of its own, which stands for the whole run.
  private static let options = [
    "seed": "seed", "dataset": "dataset", "lanes": "lanes", "threads": "threads", "data": "data", "runs": "runs",
    "steer": "steer", "steering": "steer", "theme": "theme",
  ]

  /// Reads `text`.
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
        message: "--set \(text): “\(key)” is no key of a lane; use --\(option) \(words.isEmpty ? "VALUE" : words)")
    }
    if key == "name" { throw wrong(expected: "a key that can be changed", found: "name", code: .unknownKey) }
  }

  /// The hyperparameter of this key; nil for the other keys.
  var hyperparameter: Hyperparameter? { Hyperparameter(rawValue: key) }

  /// Whether the key is taken away, so that the lane has its default.
  var removes: Bool { value.isEmpty }

  /// The section with this change over it.
  func over(_ section: YAMLSection) throws -> YAMLSection {
    if removes {
      return try YAMLSection(
        Node([(Node, Node)]()), source: "--set \(text)", path: "", over: section, removing: [key])
    }
    guard let node = try? compose(yaml: value) else {
      throw wrong(expected: "a value", found: value, code: .invalidValue)
    }
    return try YAMLSection(Node([(Node(key), node)]), source: "--set \(text)", path: "", over: section)
  }

  /// An error about this change.
  /// - Parameter near: what was probably meant, as the message's end.
  func wrong(expected: String, found: String, code: ExperimentError.Code, near: String = "") -> ExperimentError {
    ExperimentError(code: code, message: "--set \(text): expected \(expected), found “\(found)”\(near)")
  }
}
