import EngineProtocol

/// `[lane.]key=value` as a person types it, for a training that goes on.
struct HyperparameterChange {
  /// The lane; nil for all that have the hyperparameter.
  let lane: String?
  /// The hyperparameter and its new value.
  let setting: HyperparameterSetting

  /// Reads `text`.
  /// - Throws: `TrainingError`, telling what was expected and found; `InvalidHyperparameterValue`.
  init(_ text: String) throws {
    let parts = text.split(separator: "=", maxSplits: 1)
    let place = parts.first?.split(separator: ".", omittingEmptySubsequences: false) ?? []
    guard parts.count == 2, (1...2).contains(place.count), let key = place.last else {
      throw TrainingError("expected [lane.]key=value, found “\(text)”")
    }
    guard let hyperparameter = Hyperparameter(rawValue: String(key)) else {
      let known = Hyperparameter.allCases.map(\.rawValue)
      throw TrainingError(
        "\(text): expected one of \(known.joined(separator: ", ")), found “\(key)”"
          + NearestName.question(String(key), among: known))
    }
    lane = place.count == 2 ? String(place[0]) : nil
    setting = HyperparameterSetting(hyperparameter, try hyperparameter.parse(String(parts[1])))
  }

  /// The command that makes the change.
  var command: EngineCommand { .set(setting.hyperparameter, setting.value, lane.map { .lane($0) } ?? .all) }
}
