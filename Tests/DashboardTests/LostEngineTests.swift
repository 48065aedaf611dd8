import Dashboard
import EngineProtocol
import Foundation
import TerminalUI
import Testing
import TrainingMetrics

/// Leaving a training, losing the engine, and several clients.
@Suite struct LostEngineTests {
  private static func leavable() -> Harness {
    var harness = Harness(canLeave: true)
    harness.engine.makeReady()
    harness.train(50)
    return harness
  }

  // MARK: Leaving

  @Test(arguments: [
    (Key.enter, DashboardEnd.leftTraining), (.character("l"), .leftTraining), (.character("s"), .quitTraining),
    (.control("c"), .leftTraining),
  ])
  func leavingOffersToLetItTrain(_ key: Key, _ end: DashboardEnd) {
    var harness = Self.leavable()
    harness.press(.character("q"))
    #expect(harness.screen().contains("l leave it training") && harness.screen().contains("s stop it"))
    harness.press(key)
    #expect(harness.effects == [.end(end)])
  }

  @Test(arguments: [Key.escape, .character("n"), .character("q")])
  func stayingStays(_ key: Key) {
    var harness = Self.leavable()
    harness.press(.character("q"), key)
    #expect(harness.effects.isEmpty && harness.dashboard.overlay == nil)
  }

  @Test func withoutAProcessOfItsOwnThereIsNothingToLeave() {
    var harness = Harness.training(50)
    harness.press(.character("q"), .character("l"))
    #expect(harness.effects.isEmpty && !harness.screen().contains("leave it training"))
    harness.press(.character("s"))
    #expect(harness.effects == [.end(.quitTraining)])
  }

  @Test func aClickAnswers() throws {
    var harness = Self.leavable()
    harness.press(.character("q"))
    let lines = harness.screen().split(separator: "\n", omittingEmptySubsequences: false)
    let y = try #require(lines.firstIndex { $0.contains("s stop it") })
    let x = try #require(
      lines[y].range(of: "s stop it").map { lines[y].distance(from: lines[y].startIndex, to: $0.lowerBound) })
    harness.mouse(.press, x: x, y: y)
    #expect(harness.effects == [.end(.quitTraining)])
  }

  @Test func aRecordingIsLeftAtOnce() {
    var harness = Harness(isRecording: true)
    harness.engine.makeReady()
    harness.train(50)
    #expect(harness.screen().contains("recording") && !harness.screen().contains("/s  eta"))
    let sent = harness.engine.commands.count
    harness.press(.character(" "))
    harness.poll()
    #expect(harness.dashboard.toast?.text.contains("recording") == true && harness.engine.commands.count == sent)
    harness.press(.character("q"))
    #expect(harness.effects == [.end(.finished)])
  }

  // MARK: Losing the engine

  @Test func aLostEngineLeavesAllOnTheScreen() {
    var harness = Harness.training(1172)
    harness.press(.character(":"), .escape)
    harness.engine.lose("signal 9")
    harness.poll()
    let screen = harness.screen()
    for words in ["engine lost", "Signal 9. Nothing up to the last", "R resumes it, q quits", "loss 0."] {
      #expect(screen.contains(words), "\(words)")
    }
    #expect(!harness.dashboard.expectsNews)
    #expect(harness.dashboard.model.lanes[0].series(.trainLoss).count == 1172)
    // It stays.
    harness.wait(100)
    #expect(harness.screen().contains("Signal 9."))
    for (width, height) in ScreenTests.sizes { _ = harness.dashboard.render(width: width, height: height) }
  }

  @Test func nothingIsSentToALostEngine() {
    var harness = Harness.training(100)
    harness.engine.checkpoint()
    harness.poll()
    harness.press(.right)
    let sent = harness.engine.commands.count
    harness.engine.lose("signal 9")
    harness.poll()
    for definition in ActionTable.all where definition.context.contains(.live) && definition.action != .quit {
      harness.press(definition.keys[0])
      if harness.dashboard.overlay != nil { harness.press(.enter, .escape, .escape) }
      harness.wait(1)
    }
    harness.command("set binary.learningRate 1e-4")
    harness.command("rewind binary 100")
    #expect(harness.engine.commands.count == sent)
    #expect(harness.dashboard.toast?.text == "the engine is gone: R resumes the run, q quits")
    harness.press(.character("q"))
    #expect(harness.effects.last == .end(.failed("signal 9")))
  }

  @Test func anotherEngineGoesOnWithTheSameView() {
    var harness = Harness.training(600)
    harness.press(.tab, .tab, .character("2"), .character("+"))
    harness.engine.lose("signal 9")
    harness.poll()
    harness.press(.character("R"))
    #expect(harness.effects.last == .resumeRun)
    let next = FakeEngine()
    next.send(.start(.init(source: .preset(nil))))
    harness.resume(next)
    // The old contents stay visible until the new engine has described the run.
    #expect(harness.dashboard.model.lanes[0].step == 600 && harness.dashboard.expectsNews)
    #expect(!harness.screen().contains("has died"))
    next.makeReady()
    next.train(540)
    harness.poll()
    #expect(harness.dashboard.model.lanes.map(\.step) == [540, 540])
    #expect(harness.dashboard.model.lanes[0].series(.trainLoss).count == 540)
    #expect(harness.dashboard.live.screen == .compare && harness.dashboard.live.focus == .lane(1))
    #expect(harness.dashboard.live.chart.window == 300)
    #expect(harness.dashboard.model.log.filter { $0.text.contains("started on") }.count == 1)
    harness.press(.character(" "))
    #expect(next.commands.last == .pause(.all))
  }

  @Test func lanesStandWhereTheyStoodUntilAnotherEngineTells() {
    var harness = Harness.training(600)
    harness.engine.checkpoint()
    harness.poll()
    harness.command("fork binary 600")
    harness.train(20)
    harness.command("lane binary-2")
    harness.engine.lose("signal 9")
    harness.poll()
    harness.press(.character("R"))
    let next = FakeEngine()
    next.send(.start(.init(source: .preset(nil))))
    next.makeReady()
    harness.dashboard.didResume()
    var preparing = Snapshot()
    preparing.phase = .preparing(Snapshot.Stage(.dataset, "reading"))
    let history = next.events(after: EventCursor())
    _ = harness.dashboard.consume(history, preparing, now: 0)
    #expect(harness.dashboard.model.lanes.map { $0.snapshot?.step } == [620, 620])
    #expect(harness.screen().contains("resuming"))
    // The forked lane arrives later and is still focused.
    #expect(harness.dashboard.live.focus == .lane(2))
    _ = harness.dashboard.consume(EventBatch(events: [], cursor: history.cursor), next.snapshot(), now: 0)
    #expect(!harness.screen().contains("resuming") && harness.dashboard.live.focus == .all)
  }

  // MARK: An engine that ends normally

  @Test func aSuspendedRunIsNoDeath() {
    var harness = Harness.training(600)
    harness.press(.character("q"))
    _ = harness.dashboard.engineHasEnded()
    harness.poll()
    #expect(harness.dashboard.overlay == nil && !harness.dashboard.expectsNews)
    for (width, height) in ScreenTests.sizes { _ = harness.dashboard.render(width: width, height: height) }
    let screen = harness.screen()
    #expect(screen.contains("The run was suspended; nothing is lost. R resumes it, q quits."))
    #expect(screen.components(separatedBy: "suspended").count == 5 && !screen.contains("died"))
    #expect(harness.dashboard.model.log.last?.text == "the run was suspended")
    let sent = harness.engine.commands.count
    harness.press(.character(" "))
    #expect(harness.engine.commands.count == sent)
    harness.press(.character("R"))
    #expect(harness.effects.last == .resumeRun)
    harness.press(.character("q"))
    #expect(harness.effects.last == .end(.suspended))
  }

  @Test func anEngineThatHasDoneAllIsNotMissed() {
    var harness = Harness.training(50)
    harness.command("stop")
    harness.press(.character("y"))
    harness.poll()
    #expect(harness.dashboard.model.isFinished)
    let before = harness.screen()
    _ = harness.dashboard.engineHasEnded()
    #expect(harness.screen().split(separator: "\n").dropLast() == before.split(separator: "\n").dropLast())
    harness.press(.character("q"))
    #expect(harness.effects.last == .end(.finished))
  }

  @Test func withoutAnEngineTheLauncherStartsNothing() {
    var harness = Harness.launcher
    harness.engine.lose("signal 9")
    harness.poll()
    #expect(harness.screen().contains("signal 9"))
    let sent = harness.engine.commands.count
    harness.press(.enter)
    guard case .launcher = harness.dashboard.mode else {
      Issue.record("the launcher is gone")
      return
    }
    #expect(harness.engine.commands.count == sent)
    harness.press(.character("q"))
    #expect(harness.effects == [.end(.leftLauncher)])
  }

  @Test func resumingWhatLivesDoesNothing() {
    var harness = Harness.training(10)
    harness.press(.character("R"))
    #expect(harness.effects.isEmpty && harness.dashboard.toast != nil)
  }

  // MARK: Others

  @Test func whatOthersDoIsToldWithTheirName() {
    var harness = Harness.training(1172)
    harness.engine.perform(
      .set(.learningRate, .number(3e-4), .lane("binary")), origin: "signflip set (pid 4242)")
    harness.poll()
    #expect(
      harness.dashboard.toast?.text
        == "learning rate 3e-3 → 3e-4 in binary at step 1,172, by signflip set (pid 4242)")
    #expect(
      harness.dashboard.model.log.last?.text == "learning rate 3e-3 → 3e-4, by signflip set (pid 4242)")
    #expect(harness.screen(200, 60).contains("lr 3e-4"))
    harness.engine.perform(.pause(.all), origin: "signflip pause (pid 7)")
    harness.poll()
    #expect(
      harness.dashboard.toast?.text
        == "paused in baseline at step 1,172, binary at step 1,172, by signflip pause (pid 7)")
    // The client's own changes have no name, and only they can be undone.
    harness.command("set binary.learningRate 1e-3")
    #expect(harness.dashboard.model.log.last?.text == "learning rate 3e-4 → 1e-3")
    harness.press(.character("u"))
    harness.poll()
    let sent = harness.engine.commands.count
    harness.press(.character("u"))
    #expect(harness.engine.commands.count == sent)
  }

  @Test func onlyOnesOwnRefusalsAreSaid() {
    var harness = Harness.training(50)
    harness.engine.refuseNext("not now")
    harness.engine.perform(.pause(.all), origin: "somebody")
    harness.poll()
    #expect(harness.dashboard.toast == nil)
    #expect(harness.dashboard.model.log.last?.text == "refused: not now")
    harness.engine.refuseNext("not now")
    harness.press(.character(" "))
    harness.poll()
    #expect(harness.dashboard.toast?.text == "refused: not now")
  }

  @Test func aHistoryInPiecesIsNoNewsEither() {
    let engine = FakeEngine()
    engine.send(.start(.init(source: .preset(nil))))
    engine.makeReady()
    engine.train(1172)
    engine.checkpoint()
    engine.perform(.set(.learningRate, .number(3e-4), .all), origin: "somebody")
    engine.tell(.health(HealthReport(.warning, "disk full", time: 0)))
    let history = engine.events(after: EventCursor())
    var dashboard = Dashboard(
      beginning: .watching, theme: .standard, themeName: "signflip", library: ThemeLibrary(searchPath: []))
    // The engine sends the snapshot after all events.
    for event in history.events {
      _ = dashboard.consume(EventBatch(events: [event], cursor: history.cursor), Snapshot(), now: 0)
    }
    _ = dashboard.consume(EventBatch(events: [], cursor: history.cursor), engine.snapshot(), now: 0)
    #expect(dashboard.toast == nil)
    let epochs = dashboard.model.log.filter { $0.text.hasPrefix("epoch") }
    #expect(epochs.map(\.seconds) == epochs.map(\.seconds).sorted() && epochs.last?.seconds ?? 0 > 1)
    engine.tell(.health(HealthReport(.warning, "disk full again", time: 0)))
    _ = dashboard.consume(engine.events(after: history.cursor), engine.snapshot(), now: 0)
    #expect(dashboard.toast?.text == "disk full again")
  }

  @Test func leavingAsksBeforeTheEngineHasSaidHowItStands() {
    let engine = FakeEngine()
    engine.send(.start(.init(source: .preset(nil))))
    engine.makeReady()
    var dashboard = Dashboard(
      beginning: .watching, theme: .standard, themeName: "signflip", library: ThemeLibrary(searchPath: []),
      canLeave: true)
    _ = dashboard.consume(engine.events(after: EventCursor()), Snapshot(), now: 0)
    #expect(dashboard.expectsNews)
    #expect(dashboard.handle(.key(.character("q")), now: 0).isEmpty && dashboard.overlay != nil)
  }

  @Test func whatHappenedBeforeOneCameIsNoNews() {
    let engine = FakeEngine()
    engine.send(.start(.init(source: .preset(nil))))
    engine.makeReady()
    engine.train(10)
    engine.perform(.set(.learningRate, .number(3e-4), .all), origin: "somebody")
    engine.tell(.health(HealthReport(.warning, "disk full", time: 0)))
    var dashboard = Dashboard(
      beginning: .watching, theme: .standard, themeName: "signflip", library: ThemeLibrary(searchPath: []))
    _ = dashboard.consume(engine.events(after: EventCursor()), engine.snapshot(), now: 0)
    #expect(dashboard.toast == nil)
    #expect(dashboard.model.log.contains { $0.text.hasSuffix("by somebody") })
  }

  @Test func theStatusBarTellsOfWatchersRunAndSize() {
    var fixture = Fixture.pair
    fixture.run.id = "20261123-2052-fashion-quick"
    var harness = Harness.training(100, fixture)
    harness.engine.setSurroundings(storage: .init(bytes: 331_000_000), clients: 3)
    harness.poll()
    let wide = harness.screen(200, 60)
    #expect(wide.contains("3 watch") && wide.contains("20261123-2052-fashion-quick") && wide.contains("331 MB"))
    #expect(!harness.screen(80, 24).contains("3 watch"))
    harness.engine.setSurroundings(storage: .init(bytes: 331_000_000), clients: 1)
    harness.poll()
    #expect(!harness.screen(200, 60).contains("watch"))
  }

  @Test func aFullDiskIsSaidUntilItIsGone() {
    var harness = Harness.training(100)
    harness.engine.setSurroundings(storage: .init(bytes: 1, problem: "disk full: metrics are kept in memory"))
    harness.engine.tell(.health(HealthReport(.warning, "no space left on /runs", time: 0)))
    harness.engine.tell(.health(HealthReport(.information, "old checkpoints deleted", time: 0)))
    harness.poll()
    #expect(harness.dashboard.toast?.text == "no space left on /runs")
    #expect(harness.dashboard.model.log.suffix(2).map(\.weight) == [.warning, .plain])
    harness.wait(100)
    #expect(harness.screen(200, 60).contains("disk full: metrics are kept in memory"))
    #expect(harness.screen(80, 24).contains("kept in memory"))
    #expect(harness.screen(40, 10).contains("not saved"))
    harness.engine.setSurroundings(storage: .init(bytes: 1))
    harness.poll()
    #expect(!harness.screen(200, 60).contains("disk full"))
  }

  @Test func aChangeThatIsNotOnDiskIsSaid() {
    var harness = Harness.training(100)
    let change = JournalEntry.Change.set(.learningRate, old: .number(1e-3), new: .number(3e-4))
    harness.engine.tell(
      .applied(
        CommandID(900),
        JournalEntry(lane: "binary", step: 100, change: change, seconds: 1, unrecorded: "the disk does not answer")))
    harness.poll()
    #expect(
      harness.dashboard.toast?.text
        == "learning rate 1e-3 → 3e-4 in binary is not saved yet: the disk does not answer")
    #expect(harness.dashboard.toast?.weight == .warning)
  }
}
