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

  init(title: String, run: RunHistory, lane: RunDescription.Lane) {
    (self.title, self.run, self.lane) = (title, run, lane)
    snapshot = run.snapshots.first { $0.name == lane.name }
    result = run.results[lane.name]
  }

  /// The value of a hyperparameter; where it was changed in training, the first and the last one.
  func setting(_ hyperparameter: Hyperparameter) -> String? {
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

  var bestAccuracy: String? { percent(result?.bestValidationAccuracy ?? snapshot?.best?.accuracy) }
  var testAccuracy: String? { percent(result?.testAccuracy) }
  var steps: String? { (result?.steps ?? snapshot?.step).map { "\($0)" } }
  var epochs: String? { snapshot.map { String(format: "%g", ($0.epoch * 100).rounded() / 100) } }

  var time: String? {
    (result?.seconds ?? snapshot?.seconds).map { seconds in
      let whole = Int(seconds.rounded())
      return whole < 3600
        ? String(format: "%d:%02d", whole / 60, whole % 60)
        : String(format: "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60)
    }
  }

  var flips: String? {
    guard let layers = snapshot?.flips, !layers.isEmpty else { return nil }
    return "\(layers.reduce(0) { $0 + $1.totalFlips })"
  }

  private func percent(_ share: Double?) -> String? { share.map { String(format: "%.2f %%", $0 * 100) } }
}
