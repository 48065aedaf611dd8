import EngineProtocol
import Foundation
import TrainingMetrics

/// Runs side by side: a column each lane, a row each thing that can differ, and what came of it.
package struct RunComparison: Hashable, Sendable {
  /// One thing of every lane.
  package struct Row: Hashable, Sendable {
    /// What it is.
    package var title: String
    /// What it is of each lane; “–” where a lane has none.
    package var cells: [String]
    /// Whether it is what a lane came to, and not what it was given.
    package var isOutcome: Bool
    /// Whether the cells are not all the same.
    package var differs: Bool { Set(cells).count > 1 }
  }

  /// The columns' titles: `<run>:<lane>`, runs by labels as short as tells them apart.
  package let titles: [String]
  /// The rows: what was given to the lanes, then what they came to.
  package let rows: [Row]
  /// Sentences about lanes that failed or have notes to their results.
  package let remarks: [String]

  /// The rows to show: what differs, and what came of it.
  package var shownRows: [Row] { rows.filter { $0.isOutcome || $0.differs } }

  /// Compares the lanes of runs.
  /// - Parameter keys: what the lanes of each run were given; of a run without them, the rows tell what its record does.
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
    // What tells the same network in other words is no row of its own.
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
