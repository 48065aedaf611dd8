import Dashboard
import EngineProtocol
import TerminalUI
import Testing
import TrainingMetrics

/// The screen of weights.
@Suite struct WeightsViewTests {
  private func weighing(isRecording: Bool = false) -> Harness {
    var fixture = Fixture.pair
    if isRecording { fixture.run.id = "20261129-1200-fashion-quick" }
    var harness = Harness(fixture, isRecording: isRecording)
    harness.engine.makeReady()
    harness.train(1200)
    for event in FakeDeployment.epochs([0, 540, 1080], of: "binary") { harness.engine.tell(event) }
    harness.engine.tell(
      .checkpointed(
        Checkpoint(
          lane: "binary", branch: 1, step: 540, epoch: 1, reason: .periodic, validationAccuracy: 0.7, bytes: 1, time: 0)
      ))
    harness.press(.character("8"))
    harness.poll()
    return harness
  }

  private func requests(_ harness: Harness) -> [WeightsRequest] {
    harness.engine.commands.compactMap { if case .readWeights(let request) = $0 { request } else { nil } }
  }

  @Test(arguments: [false, true]) func theFirstBinaryLayerIsRead(isRecording: Bool) {
    var harness = weighing(isRecording: isRecording)
    #expect(requests(harness).map(\.layer) == ["hidden 1"])
    #expect(requests(harness)[0].step == nil && requests(harness)[0].unit == nil)
    let screen = harness.screen(160, 44)
    for words in [
      "latent weights", "clip 1", "±0.0031", "0.4 %", "cos θ 0.862", "in tails 1.0 %", "unflipped 17.4 %",
      "latent beside sign", "Only the signs are exported, 1 bit each", "by epoch",
    ] {
      #expect(screen.contains(words), "\(words)")
    }
  }

  @Test func keysChooseTheLayerAndTheUnits() {
    var harness = weighing()
    _ = harness.screen(160, 44)
    harness.press(.down)
    #expect(requests(harness).last?.layer == "hidden 2")
    harness.poll()
    harness.press(.end)
    harness.poll()
    #expect(requests(harness).last?.layer == "output")
    let screen = harness.screen(160, 44)
    #expect(screen.contains("float weights") && screen.contains("not binary") && !screen.contains("cos θ"))
    harness.press(.home)
    harness.poll()
    _ = harness.screen(160, 44)
    harness.press(.pageDown)
    let last = requests(harness).last
    #expect(last?.firstUnit ?? 0 > 0 && last?.layer == "hidden 1")
  }

  @Test func anUnchangedLaneIsNotAskedAgainAndATrainingOneOncePerSecond() {
    var harness = weighing()
    _ = harness.screen(160, 44)
    harness.poll()
    // The screen has room for another number of units.
    let before = requests(harness).count
    harness.poll()
    harness.poll()
    #expect(requests(harness).count == before)
    for _ in 0..<40 {
      harness.train(1)
      harness.poll()
    }
    let training = harness.engine.snapshot().seconds
    #expect(requests(harness).count - before <= Int(training) + 1)
  }

  @Test func theSliderGoesThroughTheEpochsAndTheirCheckpoints() {
    var harness = weighing()
    _ = harness.screen(160, 44)
    harness.press(.character(";"))
    harness.poll()
    let screen = harness.screen(160, 44)
    #expect(screen.contains("epoch 2") && screen.contains("2 of 2"))
    harness.press(.character(";"))
    harness.poll()
    #expect(harness.screen(160, 44).contains("1 of 2"))
    let chosen = requests(harness).last?.step
    #expect(chosen == 540, "\(String(describing: chosen))")
    harness.press(.escape)
    #expect(harness.screen(160, 44).contains(" now "))
  }

  @Test func theCursorShowsOneWeightWithItsCourse() {
    var harness = weighing()
    _ = harness.screen(160, 44)
    harness.command("weight 3 402")
    harness.poll()
    #expect(requests(harness).last.map { [$0.unit, $0.input] } == [3, 402])
    let screen = harness.screen(160, 44)
    for words in [
      "unit 3, input 402", "row 14, column 10", "−0.0132", "sign −1", "flips 7", "63 such updates", "0 2 4 6 8",
    ] {
      #expect(screen.contains(words), "\(words)")
    }
    harness.press(.character(")"), .character("_"))
    #expect(requests(harness).last?.input == 402 + 1 + 28)
    harness.press(.character("("))
    harness.poll()
    harness.press(.character("^"))
    harness.poll()
    let inputs = requests(harness).map { $0.input ?? -1 }.suffix(4)
    #expect(Array(inputs) == [403, 431, 430, 402])
    let isShown = harness.screen(160, 44).contains("input 402")
    #expect(isShown)
    harness.command("weight 3 784")
    let isRefused = harness.screen(160, 44).contains("expected a unit from 0 to 2047 and an input from 0 to 783")
    #expect(isRefused)
    // The first one removes the message.
    harness.press(.escape, .escape)
    harness.poll()
    let isGone = !harness.screen(160, 44).contains("row 14, column 10")
    #expect(isGone)
  }

  @Test func aFailureIsShown() {
    var harness = weighing()
    harness.engine.tell(
      .deploymentFailed(
        CommandID(1), DeploymentFailure(lane: "baseline", work: .reading, reason: "the checkpoint is gone")))
    harness.poll()
    harness.command("lane baseline")
    #expect(!harness.screen(120, 40).contains("cos θ"))
  }

  @Test(arguments: [(20, 5), (24, 7), (40, 10), (60, 15), (80, 24), (120, 40), (200, 60)])
  func everySizeShowsTheLayerAndEveryPart(width: Int, height: Int) {
    var harness = weighing()
    #expect(harness.screen(width, height).contains("hidden 1"), "\(width)×\(height)")
    for part in ["latent weights", "by epoch", "latent beside sign", "one weight"] {
      harness.press(.character("e"))
      let screen = harness.screen(width, height)
      if width >= 60 { #expect(screen.contains(part), "\(part) in \(width)×\(height)") }
    }
    harness.press(.character("e"))
    #expect(harness.screen(width, height).contains("hidden 1"))
  }

  @Test func whereTheTerminalDrawsImagesMoreUnitsFit() {
    var harness = Harness.training(1200)
    (harness.width, harness.height) = (200, 60)
    harness.press(.character("8"))
    harness.poll()
    #expect(harness.frame().images.isEmpty)
    _ = harness.dashboard.handle(.report(.drawsImages), now: harness.now)
    harness.poll()
    let frame = harness.frame()
    #expect(frame.images.count > 20 && frame.visibleImages.count == frame.images.count)
    #expect(frame.images.allSatisfy { $0.area.width == 14 && $0.area.height == 7 && $0.width == 28 })
    // Help lies over most of them.
    harness.press(.character("?"))
    #expect(harness.frame().visibleImages.count < frame.images.count / 2)
    harness.press(.escape)
    harness.dashboard.allowImages(false)
    #expect(harness.frame().images.isEmpty && harness.screen().contains("latent beside sign"))
  }
}
