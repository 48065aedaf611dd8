import Dashboard
import EngineProtocol
import TerminalUI
import Testing

/// A lane that failed or was stopped, next to a lane that is still training.
@Suite struct EndedLaneTests {
  private static let failure = "loss is NaN at step 150"

  private func withAFailedLane() -> Harness {
    var harness = Harness.training(150)
    harness.engine.fail("baseline", Self.failure)
    harness.train(1200)
    harness.wait(10)
    return harness
  }

  @Test func theRunIsAsFarAsTheLanesThatGoOn() throws {
    var harness = withAFailedLane()
    let progress = harness.dashboard.model.lanes[1].progress
    #expect(harness.dashboard.model.progress == progress)
    let header = try #require(harness.screen(160, 50).split(separator: "\n").first)
    #expect(header.contains("epoch  2/10") && header.contains("\(Int(progress * 100)) %"), "\(header)")
  }

  @Test func nothingIsComparedWithAFailedLane() {
    var harness = withAFailedLane()
    #expect(!harness.screen(160, 50).contains(" against "))
  }

  @Test func theLastGoodValueIsMarked() {
    var harness = withAFailedLane()
    // In the border, before the reason, and in the loss chart.
    #expect(harness.screen(160, 50).filter { $0 == "✗" }.count == 3)
    harness.press(.character("2"))
    #expect(harness.screen(160, 50).contains("✗"))
  }

  @Test func whatWasStoppedHasNotFinished() throws {
    var harness = Harness.training(300)
    harness.press(.character("S"), .character("y"))
    harness.wait(10)
    let header = try #require(harness.screen(160, 50).split(separator: "\n").first)
    #expect(header.contains("■ stopped") && !header.contains("finished"), "\(header)")
  }

  @Test func whatIsPausedHasNoPace() throws {
    var harness = Harness.training(300)
    harness.press(.character(" "))
    harness.wait(10)
    let header = try #require(harness.screen(160, 50).split(separator: "\n").first)
    #expect(header.contains("– img/s") && header.contains("eta –"), "\(header)")
  }

  @Test func theUntrainedNetworksAreNotCompared() {
    var harness = Harness.training(10)
    #expect(harness.screen(160, 50).split(separator: "\n").contains { $0.contains("against") && $0.contains("–") })
  }
}
