/// The branches of one lane, and how they descend from each other.
///
/// A lane starts with branch 1; a rewind starts a new branch at a step of an older one. The history of a branch runs
/// through its ancestors, each up to the step at which the next one starts.
package struct LaneLineage: Hashable, Sendable {
  /// A range of steps of a history that lies on one branch.
  package struct Stretch: Hashable, Sendable {
    /// The branch's number.
    package var branch: Int
    /// The first step; `Int.min` in the first branch.
    package var first: Int
    /// The last step; `Int.max` in the last branch of the history.
    package var last: Int
  }

  /// The branches started by rewinds, in order.
  package private(set) var branches: [LaneBranch] = []

  /// A lane with its first branch only.
  package init() {}

  /// Adds a branch started by a rewind. Does nothing if the branch is known.
  package mutating func append(_ branch: LaneBranch) {
    if beginning(of: branch.number) == nil { branches.append(branch) }
  }

  /// The number of the lane's current branch.
  package var newest: Int { branches.map(\.number).max() ?? 1 }

  /// The numbers of all branches in ascending order.
  package var numbers: [Int] { [1] + branches.map(\.number).filter { $0 != 1 }.sorted() }

  /// Returns where a branch starts; nil for the first one.
  package func beginning(of branch: Int) -> LaneBranch? { branches.first { $0.number == branch } }

  /// Returns the history of a branch (by default the newest), from its newest step back to the first branch.
  package func course(to branch: Int? = nil) -> [Stretch] {
    var stretches: [Stretch] = []
    var (number, last) = (branch ?? newest, Int.max)
    while true {
      let beginning = beginning(of: number)
      let first = beginning.map { min($0.step, .max - 1) + 1 } ?? .min
      stretches.append(Stretch(branch: number, first: min(first, last), last: last))
      guard let beginning, beginning.parent < number else { return stretches }
      // A branch that starts before its parent does shares only what the parent shares.
      (number, last) = (beginning.parent, min(last, beginning.step))
    }
  }
}

extension [LaneLineage.Stretch] {
  /// Returns whether something recorded in a branch at a step belongs to this history.
  /// - Parameter isChange: whether it affects later steps, so that a rewind to the same step undoes it.
  package func holds(branch: Int, step: Int, isChange: Bool = false) -> Bool {
    guard let stretch = first(where: { $0.branch == branch }) else { return false }
    return isChange && stretch.last != .max ? step < stretch.last : step <= stretch.last
  }
}

/// A branch of a lane: the first one, or one started by a rewind.
///
/// A branch contains only what was recorded after its start; what came before belongs to its parent.
package struct LaneBranch: Hashable, Sendable {
  /// The lane's name.
  package var lane: String
  /// The branch's number, from 1, increasing.
  package var number: Int
  /// The parent branch.
  package var parent: Int
  /// The last step that it shares with its parent.
  package var step: Int
  /// How many hyperparameter changes it shares with its parent.
  package var changes: Int

  /// A branch of a lane.
  package init(lane: String, number: Int, parent: Int, step: Int, changes: Int = 0) {
    self.lane = lane
    self.number = number
    self.parent = parent
    self.step = step
    self.changes = changes
  }
}

/// Encoded as a JSON object; `number` is called `branch`, as everywhere else.
extension LaneBranch: Codable {
  private enum CodingKeys: String, CodingKey {
    case lane, branch, parent, step, changes
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      lane: try container.decode(String.self, forKey: .lane), number: try container.decode(Int.self, forKey: .branch),
      parent: try container.decode(Int.self, forKey: .parent), step: try container.decode(Int.self, forKey: .step),
      changes: try container.decode(Int.self, forKey: .changes))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(lane, forKey: .lane)
    try container.encode(number, forKey: .branch)
    try container.encode(parent, forKey: .parent)
    try container.encode(step, forKey: .step)
    try container.encode(changes, forKey: .changes)
  }
}
