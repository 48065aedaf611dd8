import EngineProtocol
import Yams

/// A change as in `--set`: `lane.key=value`, or `key=value` for all lanes.
struct SettingChange: Hashable, Sendable {
  /// As it was given.
  let text: String
  /// The lane's name; nil for all lanes.
  let lane: String?
  /// A key of a lane, or of the experiment.
  let key: String
  /// The value, as YAML.
  let value: String

  /// Reads `text`.
  /// - Throws: `ExperimentError`.
  init(_ text: String) throws {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let place = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[1].isEmpty, (1...2).contains(place.count), place.allSatisfy({ !$0.isEmpty }) else {
      throw ExperimentError(
        code: .invalidValue, message: "--set: expected lane.key=value or key=value, found “\(text)”")
    }
    self.text = text
    lane = place.count == 2 ? String(place[0]) : nil
    key = String(place[place.count - 1])
    value = String(parts[1])
    if key == "name" { throw wrong(expected: "a key that can be changed", found: "name", code: .unknownKey) }
  }

  /// The hyperparameter of this key; nil for the other keys.
  var hyperparameter: Hyperparameter? { Hyperparameter(rawValue: key) }

  /// The section with this change over it.
  func over(_ section: YAMLSection) throws -> YAMLSection {
    guard let node = try? compose(yaml: value) else {
      throw wrong(expected: "a value", found: value, code: .invalidValue)
    }
    return try YAMLSection(Node([(Node(key), node)]), source: "--set \(text)", path: "", over: section)
  }

  /// An error about this change.
  func wrong(expected: String, found: String, code: ExperimentError.Code) -> ExperimentError {
    ExperimentError(code: code, message: "--set \(text): expected \(expected), found “\(found)”")
  }
}
