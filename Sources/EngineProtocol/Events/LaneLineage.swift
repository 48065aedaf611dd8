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
