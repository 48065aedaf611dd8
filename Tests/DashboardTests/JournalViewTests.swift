import Dashboard
import EngineProtocol
import Foundation
import TerminalUI
import Testing
import TrainingMetrics

/// The journal: lines, their effects, and what can be done from them.
@Suite struct JournalViewTests {
  /// 1,172 steps, then a smaller learning rate for the binary lane, then 528 more steps.
  private func edited() -> Harness {
    var harness = Harness.training(1172)
    harness.engine.checkpoint()
    harness.poll()
    harness.command("set binary.learningRate 1e-4")
    harness.train(528)
    harness.press(.character("4"))
    return harness
  }

  private func select(_ words: String, _ harness: inout Harness) {
    harness.command("filter \(words)")
  }

  @Test func anEditShowsItsEffect() throws {
    var harness = edited()
    select("learning rate", &harness)
    let screen = harness.screen(160, 44)
    let lane = try #require(harness.dashboard.model.lanes.first { $0.name == "binary" })
    let effect = try #require(lane.effect(around: 1172, validationCount: 60))
    #expect(effect.windows.before == 645...1172 && effect.windows.after == 1173...1700)
    let losses = lane.series(.trainLoss).points
    func mean(_ steps: ClosedRange<Int>) -> Double {
      let values = losses.filter { steps.contains($0.step) }.map { Double($0.value) }
      return values.reduce(0, +) / Double(values.count)
    }
    let loss = try #require(effect.comparison(of: .trainLoss))
    #expect(abs(loss.before - mean(645...1172)) < 1e-9 && abs(loss.after - mean(1173...1700)) < 1e-9)
    #expect(screen.contains("training loss") && screen.contains("528 steps") && screen.contains("neighbouring"))
    #expect(screen.contains("flip rate") && screen.contains("accuracy"))
    // On the line itself too.
    #expect(screen.split(separator: "\n").contains { $0.contains("learning rate") && $0.contains("±") })
  }

  @Test func aLongTextIsWholeBelowTheLines() {
    var harness = edited()
    harness.engine.tell(
      .health(
        HealthReport(
          .warning, "flip storm: lane binary, layer hidden1: an update flips 5.28 % of the weights, and only 2 % moves",
          time: 0)))
    harness.poll()
    for (width, height) in [(200, 60), (80, 24), (60, 15)] {
      let screen = harness.screen(width, height)
      let words = screen.split { $0 == " " || $0 == "│" || $0 == "\n" }.joined(separator: " ")
      #expect(words.contains("only 2 % moves"), "\(width)×\(height)\n\(screen)")
    }
  }

  // The explanation ends with a sentence, however few rows there are.
  @Test(arguments: 18...44) func theExplanationIsNotCut(_ height: Int) {
    var harness = edited()
    select("learning rate", &harness)
    let lines = harness.screen(80, height).split(separator: "\n").map { $0.split(separator: "│").joined() }
    guard let keys = lines.firstIndex(where: { $0.contains("O charts") }), keys > 0 else { return }
    let last = lines[keys - 1].trimmingCharacters(in: .whitespaces)
    #expect(last.hasSuffix(".") || last.contains("±") || last.isEmpty || last.contains("learning rate"), "\(last)")
  }

  @Test func undoneEditsHaveNoEffect() throws {
    var harness = edited()
    harness.command("rewind binary 1172")
    harness.press(.character("y"))
    harness.train(200)
    let lane = try #require(harness.dashboard.model.lanes.first { $0.name == "binary" })
    // The steps after the rewind are of the old learning rate again, and no edit divides them.
    #expect(lane.effect(around: 1300, validationCount: 60)?.windows.course == 0...1372)
  }

  @Test func theChartsMoveToALine() {
    var harness = edited()
    select("learning rate", &harness)
    harness.press(.character("O"))
    #expect(harness.dashboard.live.screen == .lanes)
    #expect(harness.dashboard.live.chart.cursor == 1172 && harness.dashboard.live.chart.window == nil)
    #expect(harness.dashboard.live.focus == .lane(1))
    // An epoch 0 line of the other lane.
    harness.press(.character("4"))
    select("baseline", &harness)
    harness.press(.home, .character("O"))
    #expect(harness.dashboard.live.focus == .lane(0) && harness.dashboard.live.chart.cursor == 0)
  }

  @Test func anEditIsUndoneFromItsLine() {
    var harness = edited()
    select("learning rate", &harness)
    harness.press(.character("Z"))
    harness.poll()
    #expect(harness.engine.commands.last == .set(.learningRate, .number(3e-3), .lane("binary")))
    // Once more: it is undone already.
    let count = harness.engine.commands.count
    harness.press(.home, .character("Z"))
    harness.poll()
    #expect(harness.engine.commands.count == count && harness.screen(160, 44).contains("already"))
    // Other lines are no edits.
    select("epoch", &harness)
    harness.press(.character("Z"))
    #expect(harness.screen(160, 44).contains("not a change") && harness.engine.commands.count == count)
  }

  @Test func rewindsAndForksBeginAtTheLine() {
    var harness = edited()
    select("learning rate", &harness)
    harness.press(.character("W"))
    #expect(harness.screen().contains(":rewind binary 1172"))
    harness.press(.escape, .character("F"))
    #expect(harness.screen().contains(":fork binary 1172"))
    harness.press(.escape, .character("c"))
    #expect((harness.dashboard.overlay as? CheckpointList)?.chosen?.lane == "binary")
  }

  @Test func aNoteIsWrittenOnTheSelectedStep() throws {
    var harness = edited()
    select("learning rate", &harness)
    harness.press(.character("J"))
    harness.type("  too small?  ")
    harness.press(.enter)
    harness.poll()
    #expect(
      harness.engine.commands.last
        == .note(NoteRequest(lane: "binary", branch: 1, step: 1172, text: "too small?")))
    select("note", &harness)
    #expect(harness.screen(160, 44).contains("note: too small?"))
    // Charts mark it.
    let lane = try #require(harness.dashboard.model.lanes.first { $0.name == "binary" })
    #expect(lane.journal.last?.change == .noted("too small?"))
    harness.press(.character("1"))
    #expect(harness.screen(160, 44).contains("too small?"))
    // An empty one is not sent.
    let count = harness.engine.commands.count
    harness.press(.character("J"), .enter)
    #expect(harness.engine.commands.count == count)
    // Without a selected line it is on the charts' cursor.
    harness.command("cursor-right 900")
    harness.command("note here")
    #expect(harness.engine.commands.last == .note(NoteRequest(lane: "binary", step: 900, text: "here")))
  }

  @Test func theWheelAndClicksChooseLines() {
    var harness = edited()
    _ = harness.screen(160, 44)
    harness.mouse(.press, x: 10, y: 4)
    #expect(
      harness.dashboard.live.view.moment(ViewContext(harness.dashboard.model))
        == Moment(lane: "baseline", branch: 1, step: 0))
    harness.mouse(.wheelDown, x: 10, y: 4)
    #expect(harness.dashboard.live.view.moment(ViewContext(harness.dashboard.model))?.lane == "binary")
  }

  @Test func checkpointsStandInTheJournalButNotBesideTheValues() {
    var harness = edited()
    #expect(harness.screen(160, 44).contains("checkpoint periodic"))
    harness.press(.character("1"))
    #expect(!harness.screen(160, 44).contains("checkpoint periodic"))
  }

  @Test func itIsUsefulAtEverySize() {
    var harness = edited()
    select("learning rate", &harness)
    for (width, height) in [(200, 60), (120, 40), (80, 24), (60, 15), (40, 10), (20, 5)] {
      #expect(harness.screen(width, height).contains("learning rate"), "\(width)×\(height)")
    }
    harness.press(.character("e"))
    #expect(harness.screen(80, 24).contains("±") && harness.screen(40, 10).contains("±"))
  }
}
