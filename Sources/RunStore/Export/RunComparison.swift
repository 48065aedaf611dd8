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

  /// The rows to show: what differs, and what came of it.
  package var shownRows: [Row] { rows.filter { $0.isOutcome || $0.differs } }

  /// Compares the lanes of runs.
  package init(_ runs: [RunHistory]) {
    let labels = RunLabels.labels(for: runs.map(\.description))
    let columns = zip(labels, runs).flatMap { label, run in
      run.lanes.map { ComparedLane(title: "\(label):\($0.name)", run: run, lane: $0) }
    }
    titles = columns.map(\.title)
    func row(_ title: String, isOutcome: Bool = false, _ cell: (ComparedLane) -> String?) -> Row {
      Row(title: title, cells: columns.map { cell($0) ?? "–" }, isOutcome: isOutcome)
    }
    var rows = [
      row("experiment") { $0.run.description.name }, row("data set") { $0.run.description.dataset },
      row("seed") { "\($0.run.description.seed)" }, row("method") { $0.lane.method },
      row("network") { $0.lane.network }, row("precision") { $0.lane.precision },
    ]
    for hyperparameter in Hyperparameter.allCases where columns.contains(where: { $0.setting(hyperparameter) != nil }) {
      rows.append(row(hyperparameter.rawValue) { $0.setting(hyperparameter) })
    }
    rows += [
      row("best validation", isOutcome: true, \.bestAccuracy), row("test", isOutcome: true, \.testAccuracy),
      row("epochs", isOutcome: true, \.epochs), row("steps", isOutcome: true, \.steps),
      row("time", isOutcome: true, \.time), row("flips", isOutcome: true, \.flips),
    ]
    self.rows = rows
  }
}
