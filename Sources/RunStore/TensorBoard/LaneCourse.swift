import EngineProtocol

/// The hyperparameters of a lane at the beginning of each of its branches.
struct LaneCourse {
  /// The lane's newest branch.
  private(set) var newest = 1
  /// The numbers of the lane's branches, in order.
  var branchNumbers: [Int] { [1] + branches.keys.filter { $0 != 1 }.sorted() }
  private var branches: [Int: LaneBranch] = [:]
  private var entries: [JournalEntry] = []
  private var initial: [Hyperparameter: HyperparameterValue]?

  /// Learns of a branch.
  mutating func add(_ branch: LaneBranch) {
    branches[branch.number] = branch
    newest = max(newest, branch.number)
  }

  /// Learns of a change; one that sets nothing is passed over.
  mutating func add(_ entry: JournalEntry) {
    if case .set = entry.change { entries.append(entry) }
  }

  /// Learns how the lane stands now; the first time tells how it began, with the changes so far taken back.
  mutating func add(_ snapshot: LaneSnapshot) {
    guard initial == nil else { return }
    var values = Dictionary(snapshot.hyperparameters.map { ($0.hyperparameter, $0.value) }) { first, _ in first }
    for entry in changes(of: snapshot.branch, until: snapshot.step + 1).reversed() {
      if case .set(let hyperparameter, let old, _) = entry.change { values[hyperparameter] = old }
    }
    initial = values
  }

  /// Learns the learning rate of the first step, which a later snapshot no longer tells under a schedule.
  mutating func addFirst(learningRate: Float) {
    // The shortest decimal of the float is what was typed: 0.1, not 0.10000000149.
    initial?[.learningRate] = Double("\(learningRate)").map(HyperparameterValue.number)
  }

  /// What the lane began `branch` with; nil before a snapshot was seen.
  func settings(atBeginningOf branch: Int) -> [Hyperparameter: HyperparameterValue]? {
    guard var values = initial else { return nil }
    guard let beginning = branches[branch] else { return values }
    for entry in changes(of: beginning.parent, until: beginning.step) {
      if case .set(let hyperparameter, _, let new) = entry.change { values[hyperparameter] = new }
    }
    return values
  }

  // What was set in updates before `step` on the way to it in `branch`, in order. A change at the step at which a branch
  // goes off is not in its checkpoint: that was written first.
  private func changes(of branch: Int, until step: Int) -> [JournalEntry] {
    var result: [JournalEntry] = []
    var (branch, step) = (branch, step)
    while true {
      result = entries.filter { $0.branch == branch && $0.step < step } + result
      guard let beginning = branches[branch], beginning.parent < branch else { return result }
      (branch, step) = (beginning.parent, beginning.step)
    }
  }
}
