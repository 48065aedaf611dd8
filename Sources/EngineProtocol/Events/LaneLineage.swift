/// The branches of one lane, and how one follows from another.
///
/// A lane begins with branch 1; a rewind begins a new branch at a step of an older one. The course to a branch runs along
/// its ancestors, each up to the step at which the next one begins.
package struct LaneLineage: Hashable, Sendable {
  /// The steps of a course that run along one branch.
  package struct Stretch: Hashable, Sendable {
    /// The branch's number.
    package var branch: Int
    /// The first step; `Int.min` in the first branch.
    package var first: Int
    /// The last step; `Int.max` in the branch that the course leads to.
    package var last: Int
  }

  /// The branches that rewinds have begun, in the order in which they came.
  package private(set) var branches: [LaneBranch] = []

  /// A lane that has its first branch alone.
  package init() {}

  /// Adds a branch that a rewind has begun; one that is known stays as it is.
  package mutating func append(_ branch: LaneBranch) {
    if beginning(of: branch.number) == nil { branches.append(branch) }
  }

  /// The number of the branch that the lane is in.
  package var newest: Int { branches.map(\.number).max() ?? 1 }

  /// The numbers of all branches, ascending.
  package var numbers: [Int] { [1] + branches.map(\.number).filter { $0 != 1 }.sorted() }

  /// How a branch began; nil for the first.
  package func beginning(of branch: Int) -> LaneBranch? { branches.first { $0.number == branch } }

  /// The course to the newest step of a branch, or of the newest one, from there back to the first branch.
  package func course(to branch: Int? = nil) -> [Stretch] {
    var stretches: [Stretch] = []
    var (number, last) = (branch ?? newest, Int.max)
    while true {
      let beginning = beginning(of: number)
      let first = beginning.map { min($0.step, .max - 1) + 1 } ?? .min
      stretches.append(Stretch(branch: number, first: min(first, last), last: last))
      guard let beginning, beginning.parent < number else { return stretches }
      // A branch that began before its parent did shares only what the parent shares.
      (number, last) = (beginning.parent, min(last, beginning.step))
    }
  }
}

extension [LaneLineage.Stretch] {
  /// Whether what a branch had at a step lies on this course.
  /// - Parameter isChange: whether it decides the steps after it, so that a rewind to its step undoes it.
  package func holds(branch: Int, step: Int, isChange: Bool = false) -> Bool {
    guard let stretch = first(where: { $0.branch == branch }) else { return false }
    return isChange && stretch.last != .max ? step < stretch.last : step <= stretch.last
  }
}

/// A course of a lane: the first, or one that a rewind has begun at a step of another.
///
/// A branch holds only what came after its beginning; before that, its course is its parent's.
package struct LaneBranch: Hashable, Sendable {
  /// The lane's name.
  package var lane: String
  /// The branch's number; the first is 1, the newest the greatest.
  package var number: Int
  /// The branch that it went off from.
  package var parent: Int
  /// The step at which it went off: the last one that it shares with its parent.
  package var step: Int
  /// How many changes of hyperparameters it shares with its parent.
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

/// Its fields by name; the number is called `branch`, as everywhere else.
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
