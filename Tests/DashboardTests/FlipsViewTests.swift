import Dashboard
import EngineProtocol
import TerminalUI
import Testing
import TrainingMetrics

/// The screen of flips.
@Suite struct FlipsViewTests {
  private func flipping() -> Harness {
    var harness = Harness(Fixture.pair)
    harness.engine.makeReady()
    harness.train(1200)
    for event in FakeDeployment.epochs([0, 540, 1080], of: "binary", diagnostics: FakeDeployment.flippingLayers) {
      harness.engine.tell(event)
    }
    harness.press(.character("3"))
    harness.poll()
    return harness
  }

  @Test func theHeatMapShowsEveryLayerWithWhatItsFlipsAreWorth() throws {
    var harness = flipping()
    let lines = harness.screen(120, 40).split(separator: "\n").map(String.init)
    let title = try #require(lines.firstIndex { $0.contains("flips over time") })
    #expect(lines[title].contains("an update"))
    for (offset, layer, drift) in [
      (1, "hidden 1", "drift 60 %"), (2, "hidden 2", "drift 60 %"), (3, "hidden 3", "drift 4 %"),
    ] {
      let line = lines[title + offset]
      #expect(line.contains(layer) && line.contains(drift) && line.contains("never"), "\(line)")
      #expect(line.unicodeScalars.filter { $0 == "█" }.count > 20)
    }
  }

  @Test func theHeatMapFallsAsTheRatesFall() throws {
    var series = MetricSeries()
    for step in 1...1000 { series.append(MetricPoint(step: step, value: step <= 500 ? 1e-2 : 1e-4)) }
    let map = FlipHeatMap(
      rows: [.init(lane: 0, laneName: "binary", name: "hidden 1", rates: series, flips: nil, epoch: nil)],
      steps: 1...1000)
    var painter = Painter(width: 90, height: 3, glyphs: .ascii)
    map.draw(in: painter.frame.bounds, on: &painter)
    let text = FrameText.plain(painter.frame).split(separator: "\n")[1]
    let row = text.dropFirst(11).prefix(41)
    let (early, late) = (row.prefix(row.count / 2 - 1), row.suffix(row.count / 2 - 1))
    #expect(Set(early).count == 1 && Set(late).count == 1 && early.first != late.first, "\(row)")
  }

  @Test func oneLayerShowsItsRestlessWeightsAndAsksForThePixels() {
    var harness = flipping()
    harness.press(.character("e"))
    _ = harness.screen(160, 44)
    harness.poll()
    harness.train(1)
    harness.poll()
    let requests = harness.engine.commands.filter { if case .readWeights = $0 { true } else { false } }
    #expect(requests == [.readWeights(WeightsRequest(lane: "binary", layer: "hidden 1", unitCount: 0))])
    let screen = harness.screen(160, 44)
    for words in [
      "learning rate", "flips in an epoch of 540 updates", "3–4", "most restless", "unit 0, input 402 (14, 10)", "11 %",
      "flips by pixel",
    ] {
      #expect(screen.contains(words), "\(words)")
    }
  }

  @Test func theBinsOfFlipsDouble() {
    typealias Flips = LayerDiagnostics.EpochFlips
    #expect([0, 1, 2, 3, 4, 5, 8, 9, 16, 65_535].map(Flips.bin(ofFlips:)) == [0, 1, 2, 3, 3, 4, 4, 5, 5, 17])
    #expect((0...5).map(Flips.words(ofBin:)) == ["0", "1", "2", "3–4", "5–8", "9–16"])
  }
}
