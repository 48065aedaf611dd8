import EngineProtocol

/// The hyperparameters of a lane at the beginning of each of its branches.
struct LaneSettings {
  /// The lane's branches.
  private(set) var lineage = LaneLineage()
  private var entries: [JournalEntry] = []
  private var initial: [Hyperparameter: HyperparameterValue]?

  /// Takes in a branch.
  mutating func add(_ branch: LaneBranch) { lineage.append(branch) }

  /// Takes in a change; one that sets nothing is passed over.
  mutating func add(_ entry: JournalEntry) {
    if case .set = entry.change { entries.append(entry) }
  }

  /// Takes in how the lane stands now; the first time tells how it began: the changes so far are undone.
  mutating func add(_ snapshot: LaneSnapshot) {
    guard initial == nil else { return }
    var values = Dictionary(snapshot.hyperparameters.map { ($0.hyperparameter, $0.value) }) { first, _ in first }
    for entry in changes(on: snapshot.branch, before: snapshot.step + 1).reversed() {
      if case .set(let hyperparameter, let old, _) = entry.change { values[hyperparameter] = old }
    }
    initial = values
  }

  /// Takes in the learning rate of the first step, which a later snapshot no longer tells under a schedule.
  mutating func addFirst(learningRate: Float) {
    // The shortest decimal of the float is what was typed: 0.1, not 0.10000000149.
    initial?[.learningRate] = Double("\(learningRate)").map(HyperparameterValue.number)
  }

  /// What the lane began `branch` with; nil before a snapshot was seen.
  func settings(atBeginningOf branch: Int) -> [Hyperparameter: HyperparameterValue]? {
    guard var values = initial else { return nil }
    guard let beginning = lineage.beginning(of: branch) else { return values }
    for entry in changes(on: beginning.parent, before: beginning.step) {
      if case .set(let hyperparameter, _, let new) = entry.change { values[hyperparameter] = new }
    }
    return values
  }

  // What was set in updates before `step` on the way to it in `branch`, in order. A change at the step at which a branch
  // begins is not in its checkpoint: that was written first.
  private func changes(on branch: Int, before step: Int) -> [JournalEntry] {
    lineage.course(to: branch).reversed().flatMap { stretch in
      entries.filter { $0.branch == stretch.branch && $0.step < min(step, stretch.last) }
    }
  }
}
