import Dashboard
import EngineProtocol
import TerminalUI
import Testing
import TrainingMetrics

/// The choice of charts, and their horizontal axis.
@Suite struct ChartPanelTests {
  @Test func aListIsReadAndWritten() throws {
    let text = "loss:2 accuracy flipRate.hidden1.weights:30 entropy.hidden2 imagesPerSecond"
    let panels = try ChartPanel.parse(text)
    #expect(ChartPanel.text(panels) == text)
    #expect(panels[2].quantity == .metric(MetricKey(.flipRate, layer: "hidden1.weights")) && panels[2].weight == 30)
    #expect(panels[3].quantity == .figure(.entropy, layer: "hidden2"))
    #expect(try ChartPanel.parse("default") == ChartPanel.standard)
    #expect(try ChartPanel.parse("loss,gradientNorm").count == 2)
  }

  @Test(arguments: [
    ("los", "found “los”"), ("loss loss", "twice"), ("loss:0", "found “0”"), ("loss:x", "found “x”"),
    ("entropy", "found “entropy”"), ("learningRate.hidden1", "found “learningRate.hidden1”"),
    ("loss accuracy flipRate gradientNorm learningRate imagesPerSecond flipRate.a flipRate.b flipRate.c", "found 9"),
  ])
  func mistakesAreNamed(_ list: String, _ words: String) {
    #expect(throws: ChartPanel.Mistake.self) { try ChartPanel.parse(list) }
    do { _ = try ChartPanel.parse(list) } catch { #expect("\(error)".contains(words)) }
  }

  @Test func patternsChooseAmongNames() throws {
    let names = ["loss", "flipRate", "flipRate.hidden1", "flipRate.hidden2", "flipRate.output", "entropy.hidden1"]
    func list(_ text: String) throws -> String { ChartPanel.text(try ChartPanel.parse(text, among: names)) }
    #expect(try list("loss flipRate.*:2") == "loss flipRate.hidden1:2 flipRate.hidden2:2 flipRate.output:2")
    #expect(try list("*.hidden1") == "flipRate.hidden1 entropy.hidden1")
    // A name in the list is not there twice, wherever it stands.
    #expect(try list("flipRate.hidden?  flipRate.hidden2:3") == "flipRate.hidden1 flipRate.hidden2:3")
    do {
      _ = try list("loss dead*")
      Issue.record("a pattern that matches nothing is a mistake")
    } catch { #expect("\(error)".contains("“dead*” matches no name")) }
    do {
      _ = try ChartPanel.parse("*", among: (0..<9).map { "flipRate.layer\($0)" })
      Issue.record("too many charts are a mistake")
    } catch { #expect("\(error)".contains("at most 8 charts, found 9")) }
  }

  @Test func aPatternOfTheCommandChoosesChartsOfTheLanes() {
    var harness = Harness.training(1200)
    harness.command("charts gradient* flipRate.out*")
    harness.press(.character("2"))
    let screen = harness.screen(160, 50)
    #expect(screen.contains("flips per weight output") && !screen.contains("─ accuracy ─"), "\(screen)")
    #expect(ChartPanel.text(harness.dashboard.live.chart.panels) == "gradientNorm flipRate.output")
  }

  @Test func chosenChartsAreOnBothScreens() {
    var harness = Harness.training(1200)
    harness.command("charts gradientNorm:3 loss flipRate.hidden1")
    for key: Character in ["1", "2"] {
      harness.press(.character(key))
      let screen = harness.screen(160, 50)
      #expect(screen.contains("gradient norm") && screen.contains("flips per weight hidden1"), "\(screen)")
      #expect(!screen.contains("90 %┤"), "\(screen)")
    }
    // The key offers the list for editing.
    harness.press(.character("K"))
    #expect(harness.screen(160, 50).contains(":charts gradientNorm:3 loss flipRate.hidden1"))
    harness.press(.escape)
    harness.command("charts default")
    harness.press(.character("2"))
    #expect(harness.screen(160, 50).contains("─ accuracy ─"))
    harness.command("charts nonsense")
    #expect(harness.screen(160, 50).contains("found “nonsense”"))
  }

  // The row and column of the first occurrence of a text.
  private func place(of text: String, in screen: String) throws -> (x: Int, y: Int) {
    let lines = screen.split(separator: "\n", omittingEmptySubsequences: false)
    let y = try #require(lines.firstIndex { $0.contains(text) }, "“\(text)” is on the screen")
    let start = try #require(lines[y].firstRange(of: text)).lowerBound
    return (lines[y].distance(from: lines[y].startIndex, to: start), y)
  }

  @Test func theMouseDragsTheBorderBetweenChartsOfALane() throws {
    var harness = Harness.training(1200)
    (harness.width, harness.height) = (160, 50)
    let heading = try place(of: "accuracy ", in: harness.screen())
    harness.mouse(.press, x: heading.x + 4, y: heading.y)
    harness.mouse(.drag, x: heading.x + 4, y: heading.y - 2)
    #expect(try place(of: "accuracy ", in: harness.screen()).y == heading.y - 2)
    #expect(!harness.effects.contains { if case .chartsChosen = $0 { true } else { false } }, "not before the release")
    harness.mouse(.drag, x: heading.x + 9, y: heading.y - 4)
    harness.mouse(.release, x: heading.x + 9, y: heading.y - 4)
    let screen = harness.screen()
    #expect(try place(of: "accuracy ", in: screen).y == heading.y - 4)
    let list = ChartPanel.text(harness.dashboard.live.chart.panels)
    #expect(harness.effects.contains(.chartsChosen(list)) && list.hasPrefix("loss:"))
    #expect(screen.contains("charts: \(list)"))
    #expect(harness.dashboard.live.focus == .lane(0), "a click there focuses the lane as before")
    // The mouse that moves on drags nothing.
    harness.mouse(.drag, x: heading.x, y: heading.y + 6)
    #expect(try place(of: "accuracy ", in: harness.screen()).y == heading.y - 4)
    // However far it is dragged, both charts remain.
    harness.mouse(.press, x: heading.x, y: heading.y - 4)
    harness.mouse(.drag, x: heading.x, y: 0)
    harness.mouse(.release, x: heading.x, y: 0)
    #expect(harness.dashboard.live.chart.panels.allSatisfy { ($0.weight ?? 0) >= 1 })
    #expect(try place(of: "accuracy ", in: harness.screen()).y >= 5)
  }

  @Test func theMouseDragsTheBordersOfComparedCharts() throws {
    var harness = Harness.training(1200)
    (harness.width, harness.height) = (160, 50)
    harness.command("charts loss accuracy gradientNorm learningRate")
    harness.press(.character("2"))
    let beside = try place(of: "╭─ accuracy", in: harness.screen())
    let below = try place(of: "╭─ gradient norm", in: harness.screen())
    harness.mouse(.press, x: beside.x, y: beside.y + 5)
    harness.mouse(.drag, x: beside.x - 20, y: beside.y + 5)
    harness.mouse(.release, x: beside.x - 20, y: beside.y + 5)
    #expect(abs(try place(of: "╭─ accuracy", in: harness.screen()).x - (beside.x - 20)) <= 1)
    #expect(try place(of: "╭─ gradient norm", in: harness.screen()).y == below.y)
    harness.mouse(.press, x: 3, y: below.y)
    harness.mouse(.drag, x: 3, y: below.y + 4)
    harness.mouse(.release, x: 3, y: below.y + 4)
    #expect(try place(of: "╭─ gradient norm", in: harness.screen()).y == below.y + 4)
    #expect(abs(try place(of: "╭─ accuracy", in: harness.screen()).x - (beside.x - 20)) <= 1)
    // A click that moves nothing changes nothing.
    let count = harness.effects.count
    harness.mouse(.press, x: 3, y: below.y + 4)
    harness.mouse(.release, x: 3, y: below.y + 4)
    #expect(harness.effects.count == count)
  }

  @Test func sizesFollowFromAnArrangement() {
    let panels = ["loss", "accuracy", "gradientNorm", "learningRate"].compactMap { ChartQuantity(name: $0) }
      .map { ChartPanel($0) }
    let grid = PanelGrid(heights: [20, 10], widths: [[60, 60], [120]])
    #expect(ChartPanel.text(grid.sized(panels)) == "loss:99 accuracy:99 gradientNorm:50 learningRate:83")
    #expect(grid.moving(.below(row: 0), by: 5).heights == [25, 5])
    #expect(grid.moving(.below(row: 0), by: 50).heights == [26, 4])
    #expect(grid.moving(.below(row: 0), by: -50).heights == [4, 26])
    #expect(grid.moving(.right(row: 0, column: 0), by: -20).widths == [[40, 80], [120]])
    #expect(grid.moving(.right(row: 1, column: 0), by: 7) == grid && grid.moving(.below(row: 1), by: 7) == grid)
    // A chart that is already smaller than the least is not made smaller.
    #expect(PanelGrid(heights: [2, 9], widths: [[9], [9]]).moving(.below(row: 0), by: -1).heights == [2, 9])
    let halves = PanelGrid(heights: [12, 12], widths: [[50], [50]]).sized(Array(panels.prefix(2)))
    #expect(ChartPanel.text(halves) == "loss:1 accuracy:1")
  }

  @Test func maximisingShowsOneChartAfterTheOther() {
    var harness = Harness.training(1200)
    harness.command("charts loss gradientNorm learningRate")
    harness.press(.character("2"), .character("e"))
    #expect(harness.screen().contains("─ loss ─") && !harness.screen().contains("─ gradient norm ─"))
    harness.press(.character("e"))
    #expect(harness.screen().contains("─ gradient norm ─") && !harness.screen().contains("─ loss ─"))
    harness.press(.character("e"), .character("e"))
    #expect(harness.screen(160, 50).contains("─ loss ─") && harness.screen(160, 50).contains("─ learning rate ─"))
  }

  @Test func everyListFitsEverySize() {
    var harness = Harness.training(1200)
    harness.command("charts loss accuracy gradientNorm flipRate learningRate imagesPerSecond:4")
    for key: Character in ["1", "2"] {
      harness.press(.character(key))
      for (width, height) in [(200, 60), (120, 40), (80, 24), (60, 15), (40, 10), (20, 5), (1, 1)] {
        let lines = harness.screen(width, height).split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == height && lines.allSatisfy { $0.count <= width })
      }
    }
  }

  @Test func theAxisShowsEpochsStepsLogarithmsAndTimes() {
    var harness = Harness.training(1200)
    harness.press(.character("2"))
    var names: [String] = []
    for _ in 0..<5 {
      harness.press(.character("X"))
      let screen = harness.screen(160, 50)
      for name in [" step", " epoch", " time", " clock"] where screen.contains(name + " ") { names.append(name) }
    }
    #expect(names.contains(" step") && names.contains(" epoch") && names.contains(" time") && names.contains(" clock"))
    harness.command("axis nonsense")
    #expect(harness.screen(160, 50).contains("expected one of epochs, steps, log, time, clock"))
  }

  @Test func onAnAxisOfTimeTheFasterLaneEndsFirst() {
    // An update of the baseline takes 11.2 ms, one of the binary lane 24 ms.
    let model = Harness.training(1200).dashboard.model
    let context = ViewContext(
      model,
      chart: {
        var chart = ChartView(); chart.axis = .time; return chart
      }())
    let baseline = model.lanes[0].clock(isTimeOfDay: false)
    let binary = model.lanes[1].clock(isTimeOfDay: false)
    #expect(abs(baseline.seconds(atStep: 1000) - 11.2) < 0.01 && abs(binary.seconds(atStep: 1000) - 24) < 0.01)
    #expect(context.axis.clock(ofLane: 1) == binary)
    let hours = model.lanes[0].clock(isTimeOfDay: true)
    #expect(abs(hours.seconds(atStep: 1000) - 1_764_000_011.2) < 0.01)
  }

  @Test func theFirstEpochsAreInRange() throws {
    // 540 steps an epoch: after the first, the untrained network's values are shown too.
    func shows(_ steps: Int) throws -> Bool {
      let model = Harness.training(steps).dashboard.model
      let first = try #require(model.lanes[0].series(.validationAccuracy).points.first)
      return ViewContext(model).ranges.accuracy?.contains(Double(first.value)) == true
    }
    #expect(try shows(600) && !shows(2000))
  }
}
