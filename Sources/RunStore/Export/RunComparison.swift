import EngineProtocol
import Foundation
import TrainingMetrics

/// A comparison of runs with one column per lane, and one row per setting or result.
package struct RunComparison: Hashable, Sendable {
  /// A setting or result of every lane.
  package struct Row: Hashable, Sendable {
    /// Its title.
    package var title: String
    /// Its value for each lane; “–” if the lane has none.
    package var cells: [String]
    /// Whether it is a result rather than a setting.
    package var isOutcome: Bool
    /// Whether the values differ.
    package var differs: Bool { Set(cells).count > 1 }
  }

  /// The titles of the columns: `<run>:<lane>`, with unique short labels for runs.
  package let titles: [String]
  /// The rows: settings, then results.
  package let rows: [Row]
  /// Sentences about lanes that failed or whose results have notes.
  package let remarks: [String]

  /// The rows to show: settings that differ, and all results.
  package var shownRows: [Row] { rows.filter { $0.isOutcome || $0.differs } }

  /// Compares the lanes of runs.
  /// - Parameter keys: the keys of the lanes of each run; if they are missing, the rows use the run's record.
  package init(_ runs: [RunHistory], keys: [GivenKeys] = []) {
    let labels = RunLabels.labels(for: runs.map(\.description))
    let columns = runs.indices.flatMap { index in
      runs[index].lanes.map { lane in
        ComparedLane(
          title: "\(labels[index]):\(lane.name)", run: runs[index], lane: lane,
          keys: keys.indices.contains(index) ? keys[index].lanes[lane.name] ?? [] : [])
      }
    }
    titles = columns.map(\.title)
    func row(_ title: String, isOutcome: Bool = false, _ cell: (ComparedLane) -> String?) -> Row {
      Row(title: title, cells: columns.map { cell($0) ?? "–" }, isOutcome: isOutcome)
    }
    let network = row("network") { $0.lane.network }
    var rows = [
      row("experiment") { $0.run.description.name }, row("data set") { $0.run.description.dataset },
      row("training images") { "\($0.run.description.trainingCount)" }, row("seed") { "\($0.run.description.seed)" },
      row("method") { $0.lane.method }, network, row("precision") { $0.lane.precision },
    ]
    // Keys that only express the network differently have no row.
    let knobs = Hyperparameter.allCases.map(\.rawValue)
    var names: [String] = []
    for name in columns.flatMap(\.keyNames) where !names.contains(name) && !knobs.contains(name) {
      if !network.differs || !["hidden", "network"].contains(name) { names.append(name) }
    }
    rows += names.map { name in row(name == "network" ? "layers" : name) { $0.value(of: name) } }
    rows += Hyperparameter.allCases.map { hyperparameter in
      row(hyperparameter.rawValue) { $0.setting(hyperparameter) }
    }.filter { $0.cells.contains { $0 != "–" } }
    rows += [
      row("state", isOutcome: true, \.state),
      row("best validation", isOutcome: true, \.bestAccuracy), row("test", isOutcome: true, \.testAccuracy),
      row("epochs", isOutcome: true, \.epochs), row("steps", isOutcome: true, \.steps),
      row("time", isOutcome: true, \.time), row("flips", isOutcome: true, \.flips),
    ]
    self.rows = rows
    remarks = zip(labels, runs).flatMap { label, run in run.remarks.map { "\(label): \($0)" } }
  }
}

/// A lane of a run in text form.
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

  /// The keys given for the lane.
  var keyNames: [String] { keys.map(\.name) }

  /// Returns the value given for a key.
  func value(of key: String) -> String? { keys.first { $0.name == key }?.text }

  /// Returns the value of a hyperparameter; if it was changed during training, the first and the last one.
  func setting(_ hyperparameter: Hyperparameter) -> String? {
    // Not the current value, which different schedules may have brought to the same end.
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

/// The keys given for the lanes of a run, in order, each with its value in short form.
package struct GivenKeys: Hashable, Sendable {
  /// A key with its value.
  package struct Key: Hashable, Sendable {
    /// The key, as in an experiment's YAML.
    package var name: String
    /// The initial value.
    package var value: String
    /// The value after the last change; nil if it was never changed.
    package var last: String?

    /// A key with its value.
    package init(name: String, value: String) {
      self.name = name
      self.value = value
    }

    /// “1e-3”, or “1e-3 → 3e-4”.
    var text: String {
      guard let last, last != value else { return value }
      return "\(value) → \(last)"
    }
  }

  /// The keys of each lane, by its name.
  package var lanes: [String: [Key]]

  /// The keys of lanes.
  package init(lanes: [String: [Key]] = [:]) { self.lanes = lanes }
}
