import Dashboard
import EngineProtocol
import TerminalUI
import Testing

/// Commands have IDs that are chosen before they are sent.
@Suite struct PendingCommandsTests {
  private func ids(_ effects: [Effect]) -> [CommandID] {
    effects.compactMap { if case .send(_, let id) = $0 { id } else { nil } }
  }

  private func live(_ first: CommandID) -> (Dashboard, FakeEngine) {
    let engine = FakeEngine(answersAtOnce: false)
    engine.send(.start(.init(source: .preset("fashion-quick"))))
    engine.makeReady()
    engine.train(20)
    var dashboard = Dashboard(
      beginning: .watching, theme: .standard, themeName: "signflip", library: ThemeLibrary(searchPath: []))
    dashboard.connect(firstCommand: first)
    for _ in 0..<2 {
      _ = dashboard.consume(engine.events(after: dashboard.model.cursor), engine.snapshot(), now: 0)
    }
    return (dashboard, engine)
  }

  @Test func iDsFollowTheFirstOne() {
    var (dashboard, _) = live(CommandID(40, client: 3))
    let first = dashboard.handle(.key(.character(" ")), now: 1)
    let second = dashboard.handle(.key(.character("C")), now: 2)
    #expect(ids(first + second) == [CommandID(40, client: 3), CommandID(41, client: 3)])
    let pending = dashboard.connection.pending
    #expect(pending.isOwn(CommandID(40, client: 3)) && pending.isOwn(CommandID(41, client: 3)))
    for other in [CommandID(42, client: 3), CommandID(39, client: 3), CommandID(40, client: 4)] {
      #expect(!pending.isOwn(other))
    }
  }

  @Test func aSteppedChangeIsOneOfTheDashboardsOwn() {
    var (dashboard, engine) = live(CommandID(7, client: 2))
    _ = dashboard.handle(.key(.right), now: 1)
    let effects = dashboard.tick(now: 2)
    // One command for each lane's own value.
    #expect(ids(effects) == [CommandID(7, client: 2), CommandID(8, client: 2)])
    #expect(dashboard.awaitsAnswer)
    for case .send(let command, let id) in effects { engine.send(command, as: id) }
    engine.answerAll()
    _ = dashboard.consume(engine.events(after: dashboard.model.cursor), engine.snapshot(), now: 3)
    #expect(dashboard.toast?.weight == .good && dashboard.toast?.text.contains("by") == false)
    #expect(dashboard.live.editor.canUndo)
    // One change is undone as one, in both lanes.
    let undo = dashboard.handle(.key(.character("u")), now: 4)
    #expect(ids(undo).count == 2 && ids(undo).allSatisfy { $0.client == 2 && $0.rawValue >= 9 })
  }

  @Test func whatIsNeverAnsweredIsAwaitedForAWhile() {
    var (dashboard, _) = live(CommandID(1))
    _ = dashboard.handle(.key(.character("C")), now: 10)
    #expect(dashboard.awaitsAnswer)
    _ = dashboard.tick(now: 12.9)
    #expect(dashboard.awaitsAnswer)
    _ = dashboard.tick(now: 13.1)
    #expect(!dashboard.awaitsAnswer)
  }

  @Test func anotherEngineGetsIDsOfItsOwn() {
    var (dashboard, _) = live(CommandID(5, client: 1))
    _ = dashboard.handle(.key(.character("C")), now: 1)
    dashboard.didResume(firstCommand: CommandID(2, client: 9))
    #expect(!dashboard.awaitsAnswer && !dashboard.connection.pending.isOwn(CommandID(5, client: 1)))
  }

  @Test(arguments: [
    ("set binry.learningRate 1e-3", "did you mean “binary”?"), ("set learningRat 1e-3", "did you mean “learningRate”?"),
    ("set BatchSize 8", "did you mean “batchSize”?"), ("lane baselin", "did you mean “baseline”?"),
    ("edit batchSzie", "did you mean “batchSize”?"),
  ])
  func aMisspeltNameIsAnsweredWithTheNearest(_ line: String, _ words: String) {
    var harness = Harness.training(50)
    let sent = harness.engine.commands.count
    harness.command(line)
    #expect(harness.dashboard.toast?.text.hasSuffix(words) == true, "\(harness.dashboard.toast?.text ?? "silence")")
    #expect(harness.screen(80, 24).contains(words))
    #expect(harness.engine.commands.count == sent)
  }
}
