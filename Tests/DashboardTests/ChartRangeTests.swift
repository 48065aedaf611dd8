import Dashboard
import EngineProtocol
import TerminalUI
import Testing
import TrainingMetrics

/// The ranges of charts, and the texts of empty charts.
@Suite struct ChartRangeTests {
  /// A training whose losses fall to this value.
  private func training(_ steps: Int, floors: [Double], epochs: Int = 30) -> Harness {
    var fixture = Fixture(laneCount: floors.count, epochs: epochs)
    for (index, floor) in floors.enumerated() { fixture.lanes[index].floor = floor }
    return Harness.training(steps, fixture)
  }

  /// The first labels of a loss axis, in the first chart from column `x` on.
  private func axis(_ screen: String, from x: Int = 0, rows: Range<Int> = 3..<14) -> [Double] {
    screen.split(separator: "\n", omittingEmptySubsequences: false)[rows].compactMap { line in
      let line = line.dropFirst(x).prefix(16)
      guard let tick = line.firstIndex(of: "┤") else { return nil }
      return Double(line[..<tick].filter { !" │".contains($0) })
    }
  }

  /// Whether the text is at the foot of an axis.
  private func isLogarithmic(_ screen: String) -> Bool { screen.firstMatch(of: /[│ ]log +0/) != nil }

  @Test func aWideRangeIsLogarithmicByItselfAndSaysSo() {
    var narrow = training(900, floors: [0.5, 0.6])
    #expect(!isLogarithmic(narrow.screen(120, 40)), "ratios below ten are linear")
    var wide = training(9000, floors: [0.004, 0.006])
    for (width, height) in [(200, 60), (120, 40), (80, 24)] {
      #expect(isLogarithmic(wide.screen(width, height)), "\(width)×\(height)")
    }
    wide.press(.character("2"))
    #expect(wide.screen(120, 40).contains("loss, log scale"))
  }

  @Test func theKeyGoesThroughTheScales() {
    var wide = training(9000, floors: [0.004, 0.006])
    _ = wide.screen(120, 40)
    #expect(wide.dashboard.live.chart.lossScale == .automatic)
    wide.press(.character("L"))
    #expect(wide.dashboard.live.chart.lossScale == .linear, "first what is not shown")
    #expect(!isLogarithmic(wide.screen(120, 40)))
    wide.press(.character("L"))
    #expect(wide.dashboard.live.chart.lossScale == .logarithmic)
    wide.press(.character("L"))
    #expect(wide.dashboard.live.chart.lossScale == .automatic)
    #expect(wide.screen(120, 40).contains("automatic loss scale: logarithmic now"))
    var narrow = training(600, floors: [0.5, 0.6])
    _ = narrow.screen(120, 40)
    narrow.press(.character("L"))
    #expect(narrow.dashboard.live.chart.lossScale == .logarithmic)
  }

  @Test func theRangeFollowsWhatHasComeLately() throws {
    var harness = training(16_000, floors: [0.6, 0.62])
    // Losses fell from 2.3; in the later half they move between 0.75 and 0.5, noise included.
    let labels = axis(harness.screen(120, 40))
    let top = try #require(labels.max())
    #expect(top < 1.6, "\(labels)")
    #expect(try #require(labels.min()) < 0.7, "\(labels)")
  }

  @Test func noRangeFollowsTheUntrainedNetwork() throws {
    var harness = Harness()
    harness.engine.makeReady()
    for lane in ["baseline", "binary"] {
      harness.engine.tell(
        .points(lane: lane, branch: 1, MetricKey(.validationLoss), [MetricPoint(step: 0, value: 4675)]))
    }
    harness.train(700)
    for key in "12" {
      harness.press(.character(key))
      #expect(try #require(axis(harness.screen(120, 40), rows: 2..<14).max()) < 10)
    }
    #expect(!isLogarithmic(harness.screen(120, 40)))
  }

  @Test func aCursorBehindALanesEndReadsNothingOfIt() {
    var harness = Harness.training(300)
    harness.engine.fail("baseline", "the loss is NaN at step 301")
    harness.train(1500)
    harness.wait(10)
    harness.command("cursor-right 1200")
    let screen = harness.screen(160, 40)
    #expect(screen.contains("ended at 300") && screen.contains("@ 1,200"))
    let heading = screen.split(separator: "\n").first { $0.contains("loss ") } ?? ""
    #expect(heading.contains("loss –") || screen.contains("loss –"), "\(screen)")
    harness.press(.character("2"))
    #expect(harness.screen(160, 40).contains("baseline –"), "\(harness.screen(160, 40))")
  }

  @Test func anEmptyPanelSaysWhy() {
    var harness = Harness.training(300)
    harness.engine.fail("baseline", "the loss is NaN at step 301")
    harness.train(3000)
    for _ in 0..<4 { harness.press(.character("+")) }
    let screen = harness.screen(160, 44)
    #expect(screen.contains("no points in this window: the lane ended at step 300"))
  }
}

/// A single view fills the screen.
@Suite struct MaximisedTests {
  private func plotRows(_ screen: String) -> Int {
    screen.split(separator: "\n").count { $0.contains("┤") || $0.contains("│   ") }
  }

  private func accuracyRow(_ screen: String) -> Int {
    screen.split(separator: "\n", omittingEmptySubsequences: false).firstIndex { $0.contains("accuracy ") } ?? 0
  }

  @Test(arguments: [(120, 40), (200, 60), (80, 24)])
  func aLanesChartsGetMoreRows(width: Int, height: Int) {
    var harness = Harness.training(900)
    let before = accuracyRow(harness.screen(width, height))
    harness.press(.character("e"))
    let after = accuracyRow(harness.screen(width, height))
    #expect(after > before, "the loss chart ends at row \(after), before at \(before)")
    harness.press(.character("e"))
    #expect(accuracyRow(harness.screen(width, height)) == before)
  }

  @Test func onCompareOneChartThenTheOther() {
    var harness = Harness.training(900)
    harness.press(.character("2"))
    let both = harness.screen(120, 40)
    harness.press(.character("e"))
    let loss = harness.screen(200, 40)
    #expect(loss.contains("─ loss ─") && !loss.contains("─ accuracy ─") && loss.contains("e accuracy"))
    harness.press(.character("e"))
    let accuracy = harness.screen(200, 40)
    #expect(!accuracy.contains("─ loss ─") && accuracy.contains("─ accuracy ─") && accuracy.contains("e both charts"))
    harness.press(.character("e"))
    #expect(harness.screen(120, 40) == both)
  }

  @Test func onFlipsOneLayerAndPagesTurn() {
    var harness = Harness.training(900)
    harness.press(.character("3"))
    #expect(harness.screen(120, 44).contains("hidden 2"))
    harness.press(.character("e"))
    #expect(harness.screen(120, 44).contains("binary hidden 1") && !harness.screen(120, 44).contains("hidden 2"))
    harness.press(.pageDown)
    #expect(harness.screen(120, 44).contains("binary hidden 2") && !harness.screen(120, 44).contains("hidden 1"))
    harness.press(.pageDown)
    #expect(harness.screen(120, 44).contains("binary hidden 3"))
    harness.press(.pageUp, .pageUp)
    #expect(harness.screen(120, 44).contains("binary hidden 1"))
  }
}

/// The positions of figures do not depend on the length and width of names.
@Suite struct LongNameTests {
  static let names = [
    String(repeating: "a very long lane name ", count: 12), "二値化ニューラルネットワークの学習", "🎉🎉🎉 e\u{301}tude 🇩🇪 lane of joy",
  ]

  private func training(_ name: String, lanes: Int = 2) -> Harness {
    var fixture = Fixture(laneCount: lanes)
    for index in 0..<lanes {
      let old = fixture.lanes[index].description
      let long = "\(index)\(name)"
      let description = RunDescription.Lane(
        name: long, method: old.method, isBinary: old.isBinary, network: old.network, precision: old.precision,
        parameterCount: old.parameterCount, floatBytes: old.floatBytes, packedBytes: old.packedBytes,
        binaryLayers: old.binaryLayers, threads: 1)
      fixture.lanes[index] = FakeLane(
        description: description, settings: fixture.lanes[index].settings, epochs: 10, floor: 0.02,
        seed: UInt64(index + 1))
    }
    fixture.run.lanes = fixture.lanes.map(\.description)
    return Harness.training(1200, fixture)
  }

  @Test(arguments: names)
  func theGapLineKeepsItsFigures(name: String) {
    for (width, height) in [(200, 60), (120, 40), (80, 24)] {
      var harness = training(name)
      let line = harness.screen(width, height).split(separator: "\n").first { $0.contains(" against ") } ?? ""
      #expect(line.contains("loss ") && line.contains(" %"), "\(width)×\(height): \(line)")
    }
  }

  @Test(arguments: names)
  func tablesKeepTheirFigures(name: String) {
    for (width, height) in [(200, 60), (120, 40), (80, 30)] {
      var harness = training(name)
      harness.press(.character("2"))
      let screen = harness.screen(width, height)
      let row = screen.split(separator: "\n").last { $0.contains("training  ") && $0.contains(" %") } ?? ""
      #expect(row.contains("@"), "\(width)×\(height):\n\(screen)")
    }
  }

  @Test(arguments: [(60, 15), (40, 10), (36, 8)])
  func figuresOfALaneNeverRunTogether(width: Int, height: Int) {
    for name in Self.names + ["b"] {
      for loss: Float in [0.0435, 0.001234, 1.2e-9, 4.4e20, 2.3, 123_456, .nan] {
        var harness = training(name)
        var snapshot = harness.dashboard.model.snapshot
        for lane in snapshot.lanes.indices { snapshot.lanes[lane].latest[.trainLoss] = loss }
        _ = harness.dashboard.consume(EventBatch(events: [], cursor: harness.dashboard.model.cursor), snapshot, now: 1)
        let rows = harness.screen(width, height).split(separator: "\n").filter { $0.contains("%") && $0.contains("▶") }
        #expect(!rows.isEmpty || width < 36)
        for row in rows {
          let figures = row.split(separator: " ").filter { $0.first?.isNumber == true && $0.contains(".") }
          #expect(figures.allSatisfy { Double($0) != nil }, "\(row)")
        }
      }
    }
  }
}
