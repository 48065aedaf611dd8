import Dashboard
import EngineProtocol
import TerminalUI
import Testing

/// Changes that the health watch offers.
@Suite struct HealthOfferTests {
  private func report(_ lane: String = "binary", value: Double = 1e-4) -> EngineEvent {
    .health(
      HealthReport(
        .warning, "divergence: lane \(lane): the training loss has risen", time: 0,
        finding: HealthFinding(
          .divergence, lane: lane, branch: 1, step: 40, epoch: 0.5, since: 20, figures: [.init("loss", 3)],
          suggestion: HyperparameterSetting(.learningRate, .number(value)))))
  }

  private func harness() -> Harness {
    var harness = Harness.training(100)
    harness.engine.tell(report())
    harness.poll()
    return harness
  }

  @Test func theBannerOffersTheChangeAndAKeyMakesIt() {
    var harness = harness()
    #expect(harness.screen(120, 40).contains("Divergence in binary: A sets learning rate 1e-4, D dismisses this."))
    harness.press(.character("A"))
    #expect(harness.engine.commands.contains(.set(.learningRate, .number(1e-4), .lane("binary"))))
    #expect(harness.dashboard.model.offer == nil)
    #expect(!harness.screen(120, 40).contains("A sets"))
  }

  @Test func theJournalHasTheSentence() {
    var harness = harness()
    #expect(
      harness.dashboard.model.log.contains {
        $0.lane == "binary" && $0.step == 40 && $0.text.contains("the training loss has risen")
      })
    harness.command("journal")
    #expect(harness.screen(120, 40).contains("the training loss has risen"))
  }

  @Test func aKeyDismissesIt() {
    var harness = harness()
    let sent = harness.engine.commands.count
    harness.press(.character("D"))
    #expect(harness.dashboard.model.offer == nil && harness.engine.commands.count == sent)
    harness.press(.character("A"))
    #expect(harness.dashboard.toast?.text == "the health watch offers no change")
    #expect(harness.engine.commands.count == sent)
  }

  @Test func theSameHyperparameterSetByHandEndsIt() {
    var harness = harness()
    harness.command("set binary.dropout 0.1")
    harness.poll()
    #expect(harness.dashboard.model.offer != nil)
    harness.command("set baseline.learningRate 0.01")
    harness.poll()
    #expect(harness.dashboard.model.offer != nil)
    harness.command("set binary.learningRate 0.01")
    harness.poll()
    #expect(harness.dashboard.model.offer == nil)
  }

  @Test func nothingIsOfferedForALaneThatHasEnded() {
    var harness = harness()
    harness.engine.tell(
      .laneEnded(
        LaneResult(
          lane: "binary", failure: nil, wasStopped: true, testAccuracy: nil, bestValidationAccuracy: nil,
          bestEpoch: nil,
          weightsSHA256: nil, parameters: 1, seconds: 1, steps: 100)))
    harness.poll()
    #expect(harness.dashboard.model.offer == nil)
  }
}
