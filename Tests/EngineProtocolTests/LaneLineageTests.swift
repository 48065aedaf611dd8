import EngineProtocol
import Testing

@Suite struct LaneLineageTests {
  private typealias Stretch = LaneLineage.Stretch

  private static func lineage(_ branches: [(number: Int, parent: Int, step: Int)]) -> LaneLineage {
    var lineage = LaneLineage()
    for branch in branches {
      lineage.append(LaneBranch(lane: "a", number: branch.number, parent: branch.parent, step: branch.step))
    }
    return lineage
  }

  // Rewound from 1 at 60, from 2 at 80, and from 1 again, before 2 began.
  private let lineage = lineage([(2, 1, 60), (3, 2, 80), (4, 1, 50)])

  @Test func aCourseRunsAlongTheAncestors() {
    #expect(LaneLineage().course() == [Stretch(branch: 1, first: .min, last: .max)])
    #expect(
      lineage.course() == [Stretch(branch: 4, first: 51, last: .max), Stretch(branch: 1, first: .min, last: 50)])
    #expect(
      lineage.course(to: 3) == [
        Stretch(branch: 3, first: 81, last: .max), Stretch(branch: 2, first: 61, last: 80),
        Stretch(branch: 1, first: .min, last: 60),
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
    // A parent that is not older, and one that nobody has heard of.
    #expect(Self.lineage([(2, 2, 5)]).course() == [Stretch(branch: 2, first: 6, last: .max)])
    #expect(Self.lineage([(9, 7, .max)]).course().map(\.branch) == [9, 7])
    // What is known stays.
    #expect(Self.lineage([(2, 1, 5), (2, 1, 9)]).course()[0].first == 6)
  }
}
