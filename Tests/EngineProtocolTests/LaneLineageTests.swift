import EngineProtocol
import Testing

@Suite struct LaneLineageTests {
  // The branch and steps of each segment.
  private func numbers(_ course: [LaneLineage.Stretch]) -> [[Int]] { course.map { [$0.branch, $0.first, $0.last] } }

  private static func lineage(_ branches: [(number: Int, parent: Int, step: Int)]) -> LaneLineage {
    var lineage = LaneLineage()
    for branch in branches {
      lineage.append(LaneBranch(lane: "a", number: branch.number, parent: branch.parent, step: branch.step))
    }
    return lineage
  }

  // Branch 1 rewound at 60, branch 2 at 80, and branch 1 again, at a step before branch 2 began.
  private let lineage = lineage([(2, 1, 60), (3, 2, 80), (4, 1, 50)])

  @Test func aCourseRunsAlongTheAncestors() {
    #expect(numbers(LaneLineage().course()) == [[1, .min, .max]])
    #expect(
      numbers(lineage.course()) == [[4, 51, .max], [1, .min, 50]])
    #expect(
      numbers(lineage.course(to: 3)) == [
        [3, 81, .max], [2, 61, 80],
        [1, .min, 60],
      ])
    #expect(lineage.newest == 4 && lineage.numbers == [1, 2, 3, 4])
    #expect(lineage.beginning(of: 3)?.parent == 2 && lineage.beginning(of: 1) == nil)
  }

  @Test func aBranchThatBeganBeforeItsParentSharesWhatTheParentShares() {
    let course = Self.lineage([(2, 1, 60), (3, 2, 40)]).course()
    #expect(course.map(\.branch) == [3, 2, 1] && course.map(\.last) == [.max, 40, 40])
  }

  @Test func aRewindUndoesTheChangesAtItsStep() {
    let course = lineage.course()
    #expect(course.holds(branch: 1, step: 50) && !course.holds(branch: 1, step: 51))
    #expect(!course.holds(branch: 1, step: 50, isChange: true) && course.holds(branch: 1, step: 49, isChange: true))
    #expect(course.holds(branch: 4, step: 51, isChange: true) && !course.holds(branch: 2, step: 70))
  }

  @Test func damagedNumbersEndTheCourse() {
    // A parent that is not older, and an unknown parent.
    #expect(numbers(Self.lineage([(2, 2, 5)]).course()) == [[2, 6, .max]])
    #expect(Self.lineage([(9, 7, .max)]).course().map(\.branch) == [9, 7])
    // Known branches are kept.
    #expect(Self.lineage([(2, 1, 5), (2, 1, 9)]).course()[0].first == 6)
  }
}
