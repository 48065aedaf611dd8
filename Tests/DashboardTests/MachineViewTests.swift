import Dashboard
import EngineProtocol
import TerminalUI
import Testing
import TrainingMetrics

/// The screen of speeds, threads, memory and disk.
@Suite struct MachineViewTests {
  private func text(_ view: inout MachineView, _ context: ViewContext, _ width: Int = 120, _ height: Int = 30) -> String
  {
    var painter = Painter(width: width, height: height)
    view.draw(in: painter.frame.bounds, context, on: &painter)
    return FrameText.plain(painter.frame)
  }

  @Test func everyPhaseHasItsTimeShareAndSpeed() {
    var view = MachineView()
    let screen = text(&view, ViewContext(Harness.training(1200).dashboard.model, focus: .lane(1)))
    for phase in PhaseSeconds.Phase.allCases { #expect(screen.contains(phase.rawValue), "\(phase)") }
    // 45 % of 24 ms, and 100 images in that time.
    let line = screen.split(separator: "\n").first { $0.contains("backward ") && $0.contains("10.8") }
    #expect(line?.contains("45.") == true && line?.contains("9,300") == true)
    #expect(screen.contains("The backward pass limits binary"))
    #expect(screen.contains("1.85 cores") && screen.contains("Fake 9000") && screen.contains("5.37 GB"))
  }

  @Test func itShowsTheNewestSeconds() {
    var harness = Harness.training(600)
    harness.press(.character("9"))
    for _ in 0..<20 { harness.train(100) }
    let view = harness.dashboard.live.view(MachineView.self)
    #expect(view != nil && harness.screen(120, 40).contains("last seconds"))
    harness.train(6000)
    #expect(harness.screen(120, 40).contains("whole run"))
  }

  private func limit(_ change: (inout Harness) -> Void) -> String {
    var harness = Harness.training(300)
    change(&harness)
    harness.poll()
    harness.press(.character("9"))
    harness.poll()
    return harness.screen(200, 60)
  }

  @Test func itNamesWhatLimits() {
    #expect(limit { _ in }.contains("backward pass limits"))
    #expect(limit { $0.engine.send(.pause(.all)) }.contains("the lanes are paused"))
    #expect(
      limit { $0.engine.setSurroundings(storage: .init(bytes: 1, problem: "no space left")) }.contains(
        "The disk limits: no space left"))
    #expect(
      limit {
        $0.engine.setDeployment(.init(lane: "binary", work: .timing, holdsTraining: true))
      }.contains("held while binary is measured"))
  }

  @Test func whatWasNotRecordedIsSaid() {
    var model = DashboardModel()
    let lane = RunDescription.Lane(
      name: "binary", method: "BinaryConnect", isBinary: true, network: "784·10", precision: "float32",
      parameterCount: 7850, floatBytes: 31400, packedBytes: 1020, binaryLayers: ["output"], threads: 1)
    let run = RunDescription(
      name: "old", dataset: "digits", datasetOrigin: "built in", trainingCount: 1, validationCount: 1, testCount: 1,
      classes: [], seed: 1, lanes: [lane])
    let snapshot = Snapshot(
      phase: .finished,
      lanes: [LaneSnapshot(name: "binary", state: .finished, epochs: 1, stepsPerEpoch: 1, hyperparameters: [])])
    model.consume(EventBatch(events: [.started(run), .finished], cursor: EventCursor()), snapshot)
    var view = MachineView()
    let screen = text(&view, ViewContext(model))
    #expect(screen.contains("phases were not recorded") && screen.contains("was not recorded"))
    #expect(screen.contains("not recorded"))
  }

  @Test func itIsUsefulAtEverySize() {
    var harness = Harness.training(1200)
    harness.press(.character("9"), .tab, .tab)
    for (width, height) in [(200, 60), (120, 40), (80, 24), (60, 15), (40, 10)] {
      let screen = harness.screen(width, height)
      #expect(screen.contains("forward") && screen.contains("limits"), "\(width)×\(height)")
    }
    // All facts stand side by side where they would not fit below each other.
    #expect(harness.screen(80, 24).contains("free on disk") && harness.screen(120, 40).contains("free on disk"))
    // The words are whole on the smallest screen.
    let words = harness.screen(20, 5).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(words.contains("pass limits") || words.contains("update limits") || words.contains("images limits"))
  }
}
