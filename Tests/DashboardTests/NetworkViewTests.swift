import Dashboard
import EngineProtocol
import TerminalUI
import Testing
import TrainingMetrics

/// The screen of a lane's layers.
@Suite struct NetworkViewTests {
  private func inspecting(isRecording: Bool = false) -> Harness {
    var fixture = Fixture.pair
    if isRecording { fixture.run.id = "20261129-1200-fashion-quick" }
    var harness = Harness(fixture, isRecording: isRecording)
    harness.engine.makeReady()
    harness.train(1200)
    harness.press(.character("7"))
    harness.poll()
    return harness
  }

  private func inspections(_ harness: Harness) -> [EngineCommand] {
    harness.engine.commands.filter { if case .inspectLane = $0 { true } else { false } }
  }

  @Test func theLayersAreMeasuredWhenTheyAreShown() {
    var harness = inspecting()
    #expect(inspections(harness) == [.inspectLane("binary", nil)])
    let screen = harness.screen(160, 44)
    for words in ["hidden2.norm", "49.6 %", "0.862", "256 validation images", "newest, step 1,200", "30.0 %"] {
      #expect(screen.contains(words), "\(words)")
    }
    // The first layer's figures and what they tell.
    #expect(screen.contains("unflipped") && screen.contains("weights that have their first sign"))
    #expect(!screen.contains("dead units"))
    harness.press(.down)
    #expect(harness.screen(160, 44).contains("one sign for all images: say nothing"))
    harness.press(.character("w"), .character("z"))
    #expect(inspections(harness).suffix(2) == [.inspectLane("binary", .newest), .inspectLane("binary", .best)])
  }

  @Test func theCostsOfTheLayersStandBelowThem() {
    var harness = inspecting()
    let screen = harness.screen(200, 60)
    // 2048×784 bits in rows of 13 words, and floats of 32 bits.
    for words in ["2048×784", "1,605,632", "6.42 MB", "213 kB", "products are per image", "floats and signs"] {
      #expect(screen.contains(words), "\(words)")
    }
    // The sum of all layers.
    #expect(screen.split(separator: "\n").contains { $0.contains("all") && $0.contains("3,239,936") })
    // On small screens those of the selected layer.
    #expect(harness.screen(80, 24).contains("hidden1  6.42 MB → 213 kB"))
  }

  @Test func anEpochMeasuresAgainAndDrawsTheCourse() {
    var harness = inspecting()
    let before = inspections(harness).count
    var layers = FakeDeployment(lane: harness.engine.lane("binary")).diagnostics.layers
    for epoch in 1...4 {
      layers[1].activations?.deadShare = Double(epoch) / 10
      harness.engine.tell(
        .layers(
          LayerReport(
            lane: "binary", branch: 1, step: 1200 + epoch, flips: [], latentWeights: [], diagnostics: layers)))
    }
    harness.poll()
    #expect(inspections(harness).count == before + 1)
    harness.poll()
    harness.press(.down)
    let line = harness.screen(120, 44).split(separator: "\n").first { $0.contains("dead units") }
    // Bars that rise with the share.
    #expect(line.map { Set($0.unicodeScalars.filter { ("▁"..."█").contains($0) }).count >= 3 } == true, "\(line ?? "")")
  }

  @Test func aRecordedRunAnswersToo() {
    var harness = inspecting(isRecording: true)
    #expect(inspections(harness) == [.inspectLane("binary", nil)])
    #expect(harness.screen(120, 40).contains("hidden1.norm"))
    harness.press(.character("6"))
    harness.poll()
    #expect(harness.engine.commands.contains(.classifyLane("binary", nil)))
    harness.press(.character("5"))
    harness.poll()
    #expect(harness.engine.commands.contains(.packLane("binary", nil)))
    let deploy = harness.screen(120, 40)
    #expect(deploy.contains("predictions equal") && deploy.contains("signflip export"))
    // Measuring and exporting need an engine.
    harness.press(.character("m"))
    #expect(!harness.engine.commands.contains(.timeLane("binary")))
  }

  @Test(arguments: [(20, 5), (24, 7), (40, 10), (60, 15), (80, 24), (120, 40), (200, 60)])
  func everySizeShowsFigures(width: Int, height: Int) {
    var harness = inspecting()
    let screen = harness.screen(width, height)
    #expect(screen.contains("hidden1"), "\(width)×\(height)")
    harness.press(.down, .character("e"))
    #expect(harness.screen(width, height).contains("0.0 %"), "\(width)×\(height)")
  }
}
