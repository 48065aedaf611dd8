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
