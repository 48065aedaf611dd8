import EngineProtocol
import Foundation
import TrainingMetrics

/// A lane of a run, in words.
struct ComparedLane {
  let title: String
  let run: RunHistory
  let lane: RunDescription.Lane
  private let snapshot: LaneSnapshot?
  private let result: LaneResult?
  private let keys: [GivenKeys.Key]

  init(title: String, run: RunHistory, lane: RunDescription.Lane, keys: [GivenKeys.Key]) {
    (self.title, self.run, self.lane, self.keys) = (title, run, lane, keys)
    snapshot = run.snapshots.first { $0.name == lane.name }
    result = run.results[lane.name]
  }

  /// The keys that the lane was given.
  var keyNames: [String] { keys.map(\.name) }

  /// The value that the lane was given for a key.
  func value(of key: String) -> String? { keys.first { $0.name == key }?.text }

  /// The value of a hyperparameter; where it was changed in training, the first and the last one.
  func setting(_ hyperparameter: Hyperparameter) -> String? {
    // Not the present one, which a schedule has brought to the same end as another's.
    if !keys.isEmpty { return value(of: hyperparameter.rawValue) }
    let values = run.events.compactMap { recorded -> HyperparameterValue? in
      guard case .applied(_, let entry) = recorded.event, entry.lane == lane.name,
        case .set(hyperparameter, let old, _) = entry.change
      else { return nil }
      return old
    }
    guard let last = snapshot?.hyperparameters.first(where: { $0.hyperparameter == hyperparameter })?.value else {
      return nil
    }
    guard let first = values.first, first != last else { return "\(last)" }
    return "\(first) → \(last)"
  }

  var state: String { run.standing(of: lane.name).short }
  var bestAccuracy: String? { percent(result?.bestValidationAccuracy ?? snapshot?.best?.accuracy) }
  var testAccuracy: String? { percent(result?.testAccuracy) }
  var steps: String? { (result?.steps ?? snapshot?.step).map { "\($0)" } }
  var epochs: String? { snapshot.map { String(format: "%g", ($0.epoch * 100).rounded() / 100) } }

  var time: String? { (result?.seconds ?? snapshot?.seconds).map { NumberFormat.duration(seconds: $0) } }

  var flips: String? {
    guard let layers = snapshot?.flips, !layers.isEmpty else { return nil }
    return "\(layers.reduce(0) { $0 + $1.totalFlips })"
  }

  private func percent(_ share: Double?) -> String? { share.map { NumberFormat.percent($0) } }
}
