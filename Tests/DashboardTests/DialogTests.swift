import Dashboard
import EngineProtocol
import Foundation
import TerminalUI
import Testing

/// Questions with their harmless defaults, and messages for actions that are not possible.
@Suite struct DialogTests {
  private func withCheckpoints() -> Harness {
    var harness = Harness.training(540)
    harness.engine.checkpoint()
    harness.train(300)
    return harness
  }

  private func answer(_ harness: Harness) -> String? {
    (harness.dashboard.overlay as? Question)?.chosen.rawValue
  }

  private func needsEngine(_ action: Action) -> Bool { ActionTable.definition(of: action).needsEngine }

  // MARK: Defaults

  @Test func enterIsNoSilentYes() {
    var harness = withCheckpoints()
    let sent = harness.engine.commands.count
    harness.press(.character("S"))
    #expect(answer(harness) == "no" && harness.screen().contains("▸ n no"))
    harness.press(.enter)
    harness.press(.tab, .character("x"), .enter)
    harness.command("stop binary")
    harness.press(.enter)
    harness.press(.character("c"), .enter, .enter)
    // “No” returns to the list.
    #expect(harness.dashboard.overlay is CheckpointList)
    harness.press(.escape)
    harness.command("rewind binary 540")
    harness.press(.enter)
    #expect(harness.engine.commands.count == sent && harness.dashboard.overlay == nil)
    harness.press(.character("q"))
    #expect(answer(harness) == "no")
    harness.press(.enter)
    let others = harness.effects.filter { if case .typed = $0 { false } else { true } }
    #expect(others.isEmpty && harness.dashboard.overlay == nil)
  }

  @Test(arguments: [Key.left, .right, .up, .down, .tab, .backTab])
  func anotherAnswerIsChosenWithTheArrows(_ key: Key) {
    var harness = withCheckpoints()
    harness.command("rewind binary 540")
    harness.press(key)
    #expect(answer(harness) == "yes" && harness.screen().contains("▸ y yes"))
    harness.press(key, key, .enter)
    #expect(harness.engine.commands.last == .rewind(lane: "binary", branch: 1, step: 540))
  }

  @Test(arguments: [(200, 60), (80, 24), (40, 10), (20, 5)])
  func theDefaultIsSeenAtEverySize(_ width: Int, _ height: Int) {
    var harness = withCheckpoints()
    for key in ["q", "S"] as [Character] {
      harness.press(.character(key))
      let screen = harness.screen(width, height)
      #expect(screen.contains("▸ n "), "\(key)\n\(screen)")
      harness.press(.escape)
    }
    harness.command("rewind binary 540")
    #expect(harness.screen(width, height).contains("▸ n no"))
  }

  @Test func leavingSaysWhatTheLanesDo() {
    var harness = Harness(canLeave: true)
    harness.press(.character("q"))
    #expect(harness.screen().contains("before the lanes start"))
    harness.press(.escape)
    harness.engine.makeReady()
    harness.train(40)
    harness.press(.character("q"))
    #expect(harness.screen().contains("Leave while lanes are training"))
    harness.press(.escape, .tab, .character("p"))
    harness.poll()
    harness.press(.character("q"))
    #expect(harness.screen().contains("Leave while lanes are training"))
    harness.press(.escape, .tab, .character("p"))
    harness.poll()
    harness.press(.character("q"))
    let screen = harness.screen()
    #expect(screen.contains("while the lanes are paused") && screen.contains("l leave it paused"))
    #expect(!screen.contains("train?") && !screen.contains("training"))
    harness.press(.enter)
    #expect(harness.effects == [.end(.leftTraining)])
  }

  // MARK: A recording

  @Test func aRecordingSaysAtOnceWhyItCannotBeChanged() {
    var fixture = Fixture.pair
    fixture.run.id = "20261129-1200-fashion-quick"
    var harness = Harness(fixture, isRecording: true)
    harness.engine.makeReady()
    harness.train(100)
    harness.engine.checkpoint()
    harness.poll()
    func steering() -> [EngineCommand] { harness.engine.commands.filter { !$0.isQuestionAboutLanes } }
    let sent = steering().count
    harness.press(.character("c"))
    for key in [Key.enter, .character("f"), .character("C")] {
      harness.press(key)
      #expect(harness.dashboard.toast?.text.contains("signflip resume 20261129-1200-fashion-quick") == true)
      #expect(!harness.screen().contains("Rewind"))
    }
    harness.press(.escape)
    for action in ActionTable.all.map(\.action)
    where (needsEngine(action) && !ActionTable.definition(of: action).asksLanes) || action == .resumeRun {
      harness.press(.escape, .escape)
      if let view = ActionTable.definition(of: action).view { harness.command(view.rawValue) }
      harness.press(ActionTable.definition(of: action).keys[0])
      #expect(harness.dashboard.overlay == nil, "\(action)")
      #expect(harness.dashboard.toast?.text.contains("signflip resume") == true, "\(action)")
    }
    for line in ["rewind binary 100", "fork binary 100", "set learningRate 1e-4", "stop", "checkpoint"] {
      harness.command(line)
      #expect(harness.dashboard.overlay == nil, "\(line)")
    }
    #expect(steering().count == sent)
  }

  // MARK: An engine that does not answer

  @Test(arguments: [false, true]) func aSilentEngineIsSaidAndIsSentNothing(isPaused: Bool) {
    var harness = Harness(canLeave: true)
    harness.engine.makeReady()
    harness.train(50)
    if isPaused { harness.press(.character(" ")) }
    harness.poll()
    let sent = harness.engine.commands.count
    harness.dashboard.hear(silence: 2.9)
    #expect(!harness.screen().contains("does not answer"))
    harness.press(.character("S"))
    harness.dashboard.hear(silence: 7.4)
    // An open question has been replaced by another.
    #expect(harness.dashboard.overlay == nil)
    for (width, height) in [(200, 60), (80, 24)] {
      #expect(harness.screen(width, height).contains("The engine has not answered for 7"), "\(width)×\(height)")
    }
    for (width, height) in ScreenTests.sizes { _ = harness.screen(width, height) }
    #expect(harness.screen(40, 10).contains("answer"))
    #expect(harness.screen().contains("no answer"))
    for action in ActionTable.all.map(\.action) where needsEngine(action) {
      harness.press(ActionTable.definition(of: action).keys[0])
      #expect(harness.dashboard.overlay == nil, "\(action)")
    }
    harness.wait(1)
    #expect(harness.engine.commands.count == sent)
    // Actions that do not need the engine work.
    harness.press(.character("2"))
    #expect(harness.dashboard.live.screen == .compare)
    harness.press(.character("q"))
    #expect(harness.screen().contains("l leave") && !harness.screen().contains("stop it"))
    harness.press(.escape)
    harness.dashboard.hear(silence: 0)
    #expect(!harness.screen().contains("does not answer") && !harness.screen().contains("no answer"))
    harness.press(.character(" "))
    #expect(harness.engine.commands.count == sent + 1)
    harness.dashboard.hear(silence: 60)
    harness.press(.character("q"), .enter)
    #expect(harness.effects.last == .end(.leftTraining))
  }

  @Test func aSilentEngineStartsNothing() {
    var harness = Harness.launcher
    harness.dashboard.hear(silence: 5)
    let sent = harness.engine.commands.count
    harness.press(.enter, .character("d"))
    #expect(harness.engine.commands.count == sent && harness.screen().contains("does not answer"))
    harness.press(.character("q"))
    #expect(harness.effects == [.end(.leftLauncher)])
  }

  // MARK: Failed lanes

  @Test func aFailedLaneOffersItsCheckpoints() throws {
    var harness = withCheckpoints()
    harness.engine.fail("binary", "loss is NaN at step 840")
    harness.train(10)
    let screen = harness.screen(160, 50)
    #expect(screen.contains("c checkpoints to rewind or fork"))
    let lines = screen.split(separator: "\n", omittingEmptySubsequences: false)
    let y = try #require(lines.firstIndex { $0.contains("c checkpoints to rewind") })
    let x = try #require(
      lines[y].range(of: "c checkpoints to").map { lines[y].distance(from: lines[y].startIndex, to: $0.lowerBound) })
    harness.mouse(.press, x: x, y: y)
    #expect(harness.screen().contains("checkpoints of binary"))
    harness.press(.escape, .character("c"))
    #expect(harness.screen().contains("checkpoints of binary"))
    harness.press(.enter, .character("y"))
    harness.poll()
    #expect(harness.engine.commands.last == .rewind(lane: "binary", branch: 1, step: 540))
    #expect(harness.dashboard.model.lanes[1].state == .training)
    #expect(!harness.screen(160, 50).contains("to rewind or fork"))
  }

  @Test func whereThereIsNoCheckpointNoneIsOffered() {
    var harness = Harness.training(50)
    harness.engine.fail("binary", "loss is NaN at step 50")
    harness.poll()
    #expect(!harness.screen(160, 50).contains("to rewind or fork"))
  }
}
