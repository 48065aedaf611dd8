import Dashboard
import EngineProtocol
import Foundation
import TerminalUI
import TrainingMetrics
import Testing

@Suite struct InteractionTests {
  // MARK: Leaving

  @Test func quittingAsksOnlyWhileLanesTrain() {
    var harness = Harness.training(50)
    harness.press(.character("q"))
    #expect(harness.effects.isEmpty)
    #expect(harness.screen().contains("Leave while lanes are training?"))
    harness.press(.character("n"))
    #expect(harness.dashboard.overlay == nil)
    harness.press(.control("c"), .character("y"))
    #expect(harness.effects == [.end(.quitTraining)])

    var launcher = Harness.launcher
    launcher.press(.character("q"))
    #expect(launcher.effects == [.end(.leftLauncher)])
  }

  @Test func aSecondControlCLeaves() {
    var harness = Harness.training(50)
    harness.press(.control("c"), .control("c"))
    #expect(harness.effects == [.end(.quitTraining)])
  }

  @Test func controlCCancelsWhatLiesOverTheScreen() {
    for key in [Key.control("c"), .control("\\")] {
      var harness = Harness.training(50)
      for opening in [":", "/", "?", "T", "x", "S", "c"] as [Character] {
        harness.press(.character(opening))
        #expect(harness.dashboard.overlay != nil, "\(opening)")
        harness.press(key)
        #expect(harness.dashboard.overlay == nil, "\(opening)")
      }
      // Neither the previewed theme nor the unfinished filter is kept.
      harness.press(.character("T"), .down, key)
      #expect(harness.dashboard.appearance.theme.name == Theme.standard.name)
      harness.press(.character("/"), .character("z"), key)
      #expect(harness.dashboard.live.view(JournalView.self)?.filter == "")
      #expect(harness.effects.isEmpty)
      harness.press(key)
      #expect(harness.screen().contains("Leave while lanes are training?"))
    }
  }

  // MARK: Pasting

  private func paste(_ text: String, _ omitted: Int = 0, into harness: inout Harness) -> [Effect] {
    harness.dashboard.handle(.paste(PastedText(text, omitted: omitted)), now: 1)
  }

  @Test func aPasteIsTextOnlyWhereTextIsTyped() {
    var harness = Harness.training(50)
    let before = harness.engine.commands
    #expect(paste("sxCq :stop-all\n", into: &harness).isEmpty)
    #expect(harness.dashboard.overlay == nil && harness.engine.commands == before)
    harness.press(.character(":"))
    _ = paste("set learningRate\n1e-3", into: &harness)
    #expect(harness.screen().contains(":set learningRate 1e-3"))
    harness.press(.escape, .character("?"))
    _ = paste("maximise", into: &harness)
    #expect(harness.screen(120, 60).contains(":maximise") && !harness.screen(120, 60).contains(":freeze"))
    harness.press(.escape, .escape, .character("x"))
    _ = paste("y\n", into: &harness)
    #expect(harness.dashboard.overlay != nil && harness.engine.commands == before)
  }

  @Test func aLongPasteIsCutAndSaysSo() {
    var harness = Harness.training(50)
    harness.press(.character(":"))
    _ = paste(String(repeating: "ü", count: 10_000), 500, into: &harness)
    guard let entry = harness.dashboard.overlay as? LineEntry else {
      Issue.record("no entry")
      return
    }
    #expect(entry.text.count == 4096)
    #expect(harness.screen().contains("a line has at most 4,096 characters: 6,404 of the pasted ones were ignored"))
    // The same text as keys, without paste marks.
    harness.press(.control("u"))
    for _ in 0..<50_000 { _ = harness.dashboard.handle(.key(.character("x")), now: 1) }
    #expect(harness.screen().contains("a line has at most 4,096 characters"))
    harness.press(.backspace)
    #expect(!harness.screen().contains("a line has at most"))
  }

  @Test func aHangupEndsAtOnce() {
    var harness = Harness.training(50)
    #expect(harness.dashboard.handle(.hangup, now: 1) == [.end(.hangup)])
  }

  @Test func whatCannotStartEndsWithItsReason() {
    var dashboard = Dashboard(
      beginning: .watching, theme: .standard, themeName: "signflip", library: ThemeLibrary(searchPath: []))
    _ = dashboard.begin()
    var cursor = EventCursor()
    cursor.eventCount = 1
    let reason = "x.yaml: expected a mapping, found a list"
    let effects = dashboard.consume(
      EventBatch(events: [.failed(reason)], cursor: cursor), Snapshot(phase: .failed(reason)), now: 1)
    #expect(effects == [.end(.failed(reason))])
  }

  // MARK: Training

  @Test func spacePausesAndGoesOn() {
    var harness = Harness.training(50)
    harness.press(.character(" "))
    harness.poll()
    #expect(harness.engine.commands.last == .pause(.all))
    #expect(harness.screen().contains("paused"))
    harness.wait(0.4)
    #expect(!harness.dashboard.expectsNews)
    harness.press(.character(" "))
    #expect(harness.engine.commands.last == .resume(.all))
  }

  @Test func aKeyShowsBeforeTheEngineAnswers() {
    var harness = Harness(answersAtOnce: false)
    harness.engine.makeReady()
    harness.train(50)
    harness.press(.character(" "))
    #expect(harness.screen().contains("pausing"))
    #expect(harness.dashboard.expectsNews && harness.dashboard.awaitsAnswer)
    // A second key press cancels the first, even without an answer.
    harness.press(.character(" "))
    #expect(harness.engine.commands.suffix(2) == [.pause(.all), .resume(.all)])
    #expect(harness.screen().contains("going on"))
    harness.press(.character(" "))
    harness.engine.answerAll()
    harness.poll()
    #expect(harness.screen().contains("‖ paused"))
    harness.press(.character("s"))
    #expect(harness.screen().contains("stepping"))
    harness.engine.answerAll()
    harness.poll()
    #expect(!harness.screen().contains("stepping"))
    #expect(harness.screen().contains(" step 51"))
  }

  @Test func theEngineIsWatchedForAWhileAfterItsAnswer() {
    var harness = Harness.training(50)
    harness.press(.character(" "))
    harness.poll()
    // The first of two lanes may have answered, with its snapshot still to come.
    #expect(harness.dashboard.expectsNews)
    harness.wait(0.4)
    #expect(!harness.dashboard.expectsNews)
  }

  @Test func whatIsNotAnsweredIsNotShownForEver() {
    var harness = Harness(answersAtOnce: false)
    harness.engine.makeReady()
    harness.train(50)
    harness.press(.character(" "))
    harness.wait(11)
    #expect(!harness.screen().contains("pausing"))
  }

  @Test func onePausedLaneGoesOnAlone() {
    var harness = Harness.training(50)
    harness.press(.tab, .character("p"))
    harness.poll()
    #expect(harness.engine.commands.last == .pause(.lane("baseline")))
    harness.train(10)
    #expect(harness.dashboard.model.lanes.map(\.step) == [50, 60])
    // The step applies to the paused lanes.
    harness.press(.character("s"))
    harness.poll()
    #expect(harness.dashboard.model.lanes.map(\.step) == [51, 60])
    harness.press(.character("p"))
    #expect(harness.engine.commands.last == .resume(.lane("baseline")))
  }

  @Test func stoppingAsksFirst() {
    var harness = Harness.training(50)
    let sent = harness.engine.commands.count
    harness.press(.character("S"))
    #expect(harness.screen().contains("Stop all lanes?"))
    harness.press(.escape)
    #expect(harness.engine.commands.count == sent)
    harness.press(.tab, .character("x"), .character("y"))
    harness.poll()
    #expect(harness.engine.commands.last == .stop(.lane("baseline")))
    #expect(harness.dashboard.model.lanes[0].state == .stopped)
    harness.press(.character("S"), .character("y"))
    harness.poll()
    #expect(harness.dashboard.model.isFinished)
  }

  // MARK: Views

  @Test func freezingHoldsThePictureNotTheTraining() {
    var harness = Harness.training(50)
    harness.press(.character("f"))
    harness.wait(10)
    let before = harness.screen()
    harness.train(200)
    #expect(harness.screen() == before)
    #expect(harness.dashboard.model.lanes[0].step == 250)
    harness.press(.character("f"))
    harness.wait(10)
    #expect(harness.screen() != before)
  }

  @Test func escapeGoesOneLayerOutAtATime() {
    var harness = Harness.training(200)
    harness.press(.character("2"), .character("+"), .character("["), .character(":"))
    harness.press(.escape)
    #expect(harness.dashboard.overlay == nil && harness.dashboard.live.chart.cursor != nil)
    harness.press(.escape)
    #expect(harness.dashboard.live.chart.cursor == nil && harness.dashboard.live.chart.window != nil)
    harness.press(.escape)
    #expect(harness.dashboard.live.chart.window == nil && harness.dashboard.live.screen == .compare)
    harness.press(.escape)
    #expect(harness.dashboard.live.screen == .lanes)
  }

  @Test func theCursorReadsThePast() {
    var harness = Harness.training(600)
    harness.command("cursor-right 300")
    let screen = harness.screen(200, 60)
    #expect(screen.contains("@ 300"))
    let lane = harness.dashboard.model.lanes[0]
    let value = Double(lane.series(.trainLoss).points[299].value)
    #expect(screen.contains("loss \(NumberFormat.significant(value, digits: 4))"))
  }

  @Test func theJournalIsFiltered() {
    var harness = Harness.training(1100)
    harness.press(.character("/"))
    harness.type("binary epoch 2")
    #expect(harness.dashboard.live.view(JournalView.self)?.filter == "binary epoch 2")
    harness.press(.enter)
    #expect(harness.screen().contains("no matching lines"))
    harness.command("filter epoch 2")
    #expect(harness.screen().contains("2 lines"))
  }

  @Test func helpIsSearched() {
    var harness = Harness.training(20)
    harness.press(.character("?"))
    let all = harness.screen(120, 60)
    #expect(all.contains(":pause") && all.contains(":lanes"))
    harness.type("pause")
    let found = harness.screen(120, 60)
    #expect(found.contains(":pause-lane") && !found.contains(":maximise"))
    harness.press(.escape)
    #expect(harness.dashboard.overlay != nil)
    harness.press(.escape)
    #expect(harness.dashboard.overlay == nil)
  }

  @Test func themesArePreviewedAndKeptOrNot() {
    var harness = Harness.training(20)
    harness.press(.character("T"), .down)
    #expect(harness.dashboard.appearance.theme.name == "terminal")
    harness.press(.escape)
    #expect(harness.dashboard.appearance.theme.name == Theme.standard.name)
    harness.press(.character("T"), .down, .down, .enter)
    #expect(harness.dashboard.appearance.themeName == "monochrome")
    #expect(harness.dashboard.toast?.text == "theme monochrome for this session; in the settings: theme: monochrome")
  }

  @Test func copyGivesTheFiguresAsText() throws {
    var harness = Harness.training(600)
    harness.press(.character("y"))
    guard case .copy(let clipping) = try #require(harness.effects.first) else {
      Issue.record("nothing was copied")
      return
    }
    let text = clipping.text
    #expect(text.contains("experiment: fashion-quick\n") && text.contains("  learningRate: 3e-3\n"))
    #expect(clipping.file == "fashion-quick-step600-figures.yaml")
  }

  @Test func copyGivesTheValuesOfTheVisibleCharts() throws {
    var harness = Harness.training(600)
    harness.command("compare")
    harness.command("copy charts")
    guard case .copy(let clipping)? = harness.effects.last else {
      Issue.record("nothing was copied")
      return
    }
    let rows = clipping.text.split(separator: "\n").map { $0.split(separator: "\t", omittingEmptySubsequences: false) }
    #expect(
      rows[0].joined(separator: " ") == "step "
        + ["baseline", "binary"].map { lane in
          ["trainLoss", "validationLoss", "accuracy"].map { "\(lane).\($0)" }.joined(separator: " ")
        }.joined(separator: " "))
    #expect(rows.count > 600 && rows.allSatisfy { $0.count == 7 })
    let lane = harness.dashboard.model.lanes[1]
    for point in lane.series(.trainLoss).points {
      #expect(rows.contains { $0[0] == "\(point.step)" && $0[4] == "\(point.value)" })
    }
    #expect(clipping.words.hasPrefix("\(rows.count - 1) rows of 7 columns, steps 0–600"))
    // Zoomed in, for one lane, only that is copied.
    harness.press(.tab, .character("+"), .character("+"))
    harness.command("copy charts")
    guard case .copy(let part)? = harness.effects.last(where: { if case .copy = $0 { true } else { false } }) else {
      return
    }
    let steps = part.text.split(separator: "\n").dropFirst().compactMap { Int($0.prefix { $0 != "\t" }) }
    #expect(part.text.hasPrefix("step\tbaseline.trainLoss\t") && !part.text.contains("binary"))
    #expect(steps.min() == 450 && steps.max() == 600)
    harness.command("journal")
    harness.command("copy charts")
    #expect(harness.dashboard.toast?.text.contains("no charts to copy on this screen") == true)
    harness.command("copy chart")
    #expect(
      harness.dashboard.toast?.text == "copy: expected figures, charts, screen, found “chart”; did you mean “charts”?")
  }

  @Test func whatCopyingCameToIsToldAsItIs() {
    struct Full: Error, CustomStringConvertible { let description = "the disk is full" }
    var harness = Harness.training(600)
    harness.press(.character("y"))
    #expect(!harness.screen().contains("clipboard"), "nothing is known yet")
    guard case .copy(let clipping)? = harness.effects.first else { return }
    harness.dashboard.didCopy(clipping, .clipboard)
    #expect(harness.screen().contains("sent to the terminal's clipboard"))
    harness.dashboard.didCopy(clipping, .file("a.yaml"))
    #expect(harness.screen().contains("saved in a.yaml: figures and hyperparameters"))
    harness.dashboard.didCopy(clipping, .failed(Full()))
    #expect(harness.screen().contains("the disk is full"))
  }

  // MARK: Mouse

  @Test func aClickFocusesALaneAndAHyperparameter() throws {
    var harness = Harness.training(300)
    let frame = harness.frame()
    harness.mouse(.press, x: 90, y: 2)
    #expect(harness.dashboard.live.focus == .lane(1))
    let (x, y) = try #require(place(of: "batch", in: frame))
    harness.mouse(.press, x: x + 16, y: y)
    #expect(harness.dashboard.live.hyperparameter == .batchSize)
  }

  @Test func aClickOnATabShowsItsScreen() throws {
    var harness = Harness.training(300)
    let (x, y) = try #require(place(of: "3 flips", in: harness.frame()))
    harness.mouse(.press, x: x + 2, y: y)
    #expect(harness.dashboard.live.screen == .flips)
  }

  @Test func theWheelZoomsAndADragMovesTheCursor() {
    var harness = Harness.training(300)
    _ = harness.frame()
    harness.mouse(.wheelUp, x: 30, y: 7)
    #expect(harness.dashboard.live.chart.window == 150)
    harness.mouse(.wheelDown, x: 30, y: 7)
    #expect(harness.dashboard.live.chart.window == nil)
    harness.mouse(.press, x: 20, y: 7)
    let first = harness.dashboard.live.chart.cursor ?? 0
    harness.mouse(.drag, x: 40, y: 7)
    #expect(harness.dashboard.live.chart.cursor ?? 0 > first)
  }

  @Test func aClickOnAHintDoesIt() throws {
    var harness = Harness.training(300)
    let (x, y) = try #require(place(of: "space pause", in: harness.frame()))
    harness.mouse(.press, x: x + 1, y: y)
    #expect(harness.engine.commands.last == .pause(.all))
  }

  private func place(of words: String, in frame: Frame) -> (Int, Int)? {
    let scalars = Array(words.unicodeScalars)
    for y in 0..<frame.height {
      for x in 0..<max(0, frame.width - scalars.count)
      where scalars.indices.allSatisfy({ frame[x + $0, y].glyph == scalars[$0] }) {
        return (x, y)
      }
    }
    return nil
  }
}
