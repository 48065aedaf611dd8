import EngineProtocol

/// The hyperparameters of a lane at the start of each of its branches.
struct LaneSettings {
  /// The lane's branches.
  private(set) var lineage = LaneLineage()
  private var entries: [JournalEntry] = []
  private var initial: [Hyperparameter: HyperparameterValue]?

  /// Adds a branch.
  mutating func add(_ branch: LaneBranch) { lineage.append(branch) }

  /// Adds a change; changes without effect are ignored.
  mutating func add(_ entry: JournalEntry) {
    if case .set = entry.change { entries.append(entry) }
  }

  /// Adds a snapshot of the lane. The first one determines the initial values, by undoing the changes so far.
  mutating func add(_ snapshot: LaneSnapshot) {
    guard initial == nil else { return }
    var values = Dictionary(snapshot.hyperparameters.map { ($0.hyperparameter, $0.value) }) { first, _ in first }
    for entry in changes(on: snapshot.branch, before: snapshot.step + 1).reversed() {
      if case .set(let hyperparameter, let old, _) = entry.change { values[hyperparameter] = old }
    }
    initial = values
  }

  /// Adds the learning rate of the first step, which later snapshots under a schedule no longer contain.
  mutating func addFirst(learningRate: Float) {
    // The shortest decimal of the float is what the user typed: 0.1, not 0.10000000149.
    initial?[.learningRate] = Double("\(learningRate)").map(HyperparameterValue.number)
  }

  /// Returns the initial values of `branch`; nil before a snapshot was added.
  func settings(atBeginningOf branch: Int) -> [Hyperparameter: HyperparameterValue]? {
    guard var values = initial else { return nil }
    guard let beginning = lineage.beginning(of: branch) else { return values }
    for entry in changes(on: beginning.parent, before: beginning.step) {
      if case .set(let hyperparameter, _, let new) = entry.change { values[hyperparameter] = new }
    }
    return values
  }

  // The changes made before `step` in `branch` and its ancestors, in order. A change at the step where a branch starts
  // is not part of its checkpoint, which was written first.
  private func changes(on branch: Int, before step: Int) -> [JournalEntry] {
    lineage.course(to: branch).reversed().flatMap { stretch in
      entries.filter { $0.branch == stretch.branch && $0.step < min(step, stretch.last) }
    }
  }
}
