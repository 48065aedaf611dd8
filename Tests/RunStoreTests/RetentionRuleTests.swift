import EngineProtocol
import RunStore
import Testing

@Suite struct RetentionRuleTests {
  // Checkpoints of a lane in order of time, 10 bytes each; the step is the index.
  private func course(_ reasons: [Checkpoint.Reason], lane: String = "bnn") -> [Checkpoint] {
    reasons.enumerated().map { place, reason in
      Sample.checkpoint(place, lane: lane, reason: reason, bytes: 10, time: Double(place))
    }
  }

  @Test func nothingGoesWithinTheBounds() {
    let checkpoints = course(Array(repeating: .periodic, count: 12))
    #expect(RetentionRule(maximumCount: 12).superfluous(checkpoints).isEmpty)
    #expect(RetentionRule(maximumCount: 12, maximumBytes: 120).superfluous(checkpoints).isEmpty)
    let oneMore = course(Array(repeating: .periodic, count: 13))
    #expect(RetentionRule(maximumCount: 12).superfluous(oneMore).map(\.step) == [0])
  }

  @Test func theOldestPeriodicGoFirstThenTheAsked() {
    let checkpoints = course([.start, .asked, .periodic, .change, .best, .periodic, .periodic, .periodic])
    func gone(_ count: Int) -> [Int] { RetentionRule(maximumCount: count).superfluous(checkpoints).map(\.step) }
    #expect(gone(7) == [2])
    #expect(gone(5) == [2, 4, 5])
    #expect(gone(3) == [2, 4, 5, 1, 3])
    // The newest two and the first are always kept.
    #expect(gone(0) == [2, 4, 5, 1, 3])
    #expect(RetentionRule(maximumBytes: 65).superfluous(checkpoints).map(\.step) == [2, 4])
  }

  @Test func whatMarksALanesCourseStays() {
    let checkpoints = course([.start, .fork, .end, .end, .periodic, .periodic, .periodic])
    #expect(RetentionRule(maximumCount: 1).superfluous(checkpoints).map(\.step) == [4])
  }

  @Test func theBestOfTheNewestBranchStays() {
    var checkpoints = course(Array(repeating: .periodic, count: 6))
    for (place, accuracy) in [0.95, 0.8, 0.9, 0.7, 0.6, 0.5].enumerated() {
      checkpoints[place].validationAccuracy = accuracy
      checkpoints[place].branch = place == 0 ? 1 : 2
    }
    #expect(RetentionRule(maximumCount: 0).superfluous(checkpoints).map(\.step) == [0, 1, 3])
  }

  @Test func eachLaneHasItsOwnBounds() {
    let checkpoints =
      course(Array(repeating: .periodic, count: 3), lane: "b") + course(Array(repeating: .best, count: 4), lane: "a")
    let gone = RetentionRule(maximumCount: 2).superfluous(checkpoints.shuffled())
    #expect(gone.map { "\($0.lane)\($0.step)" } == ["a0", "a1", "b0"])
  }
}
