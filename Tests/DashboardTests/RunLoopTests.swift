import Dashboard
import EngineProtocol
import Glibc
import TerminalUI
import Testing

@Suite struct RunLoopTests {
  private func loop(
    _ engine: FakeEngine, _ script: [FakeTerminal.Step], save: @escaping (String, String) throws -> Void = { _, _ in }
  ) -> (RunLoop, FakeTerminal) {
    let terminal = FakeTerminal(script)
    let dashboard = Dashboard(
      beginning: .watching, theme: .standard, themeName: "signflip", library: ThemeLibrary(searchPath: []))
    engine.send(.start(.init(source: .preset("fashion-quick"))))
    return (RunLoop(dashboard: dashboard, terminal: terminal, engine: engine, save: save), terminal)
  }

  @Test func aRunFromTheFirstFrameToTheEnd() {
    let engine = FakeEngine()
    let (loop, terminal) = loop(
      engine,
      [
        .run { engine.makeReady() }, .run { engine.train(100) }, .event(.key(.character("y"))),
        .event(.key(.character("M"))), .event(.key(.control("l"))), .run { engine.train(6000) }, .run {},
        .event(.key(.character("q"))),
      ])
    #expect(loop.run() == .finished)
    // It attaches to the started training, and starts none itself.
    #expect(engine.commands == [.start(.init(source: .preset("fashion-quick")))])
    #expect(
      terminal.frames.first.map {
        FrameText.plain($0).contains("preparing") || FrameText.plain($0).contains("starting")
      } == true)
    #expect(terminal.frames.last.map { FrameText.plain($0).contains("best validation") } == true)
    #expect(terminal.copied.count == 1 && terminal.redraws == 1 && terminal.mouse == [false])
  }

  @Test func aTextThatTheTerminalDoesNotTakeIsSaved() {
    let engine = FakeEngine()
    var saved: [String: String] = [:]
    func keys(_ text: String) -> [FakeTerminal.Step] { text.map { .event(.key(.character($0))) } }
    let (loop, terminal) = loop(
      engine,
      [.run { engine.makeReady() }, .run { engine.train(100) }] + keys(":copy screen") + [
        .event(.key(.enter)), .run {},
      ]
    ) { path, text in saved[path] = text }
    terminal.hasClipboard = false
    #expect(loop.run() == .hangup)
    #expect(saved.keys.map { $0 } == ["fashion-quick-step100-screen.txt"])
    #expect(saved.values.first.map { $0.contains("baseline") && !$0.contains(":copy") } == true)
    #expect(
      terminal.frames.last.map { FrameText.plain($0).contains("saved in fashion-quick-step100-screen.txt") } == true)
  }

  @Test func theFileOfSettingsIsReadAgainAndCommandsAreKept() {
    let engine = FakeEngine()
    var (looks, kept) = (0, [String]())
    let terminal = FakeTerminal(
      [.run { engine.makeReady() }] + ":freeze".map { .event(.key(.character($0))) } + [.event(.key(.enter))]
        + Array(repeating: .run {}, count: 40))
    let loop = RunLoop(
      dashboard: Dashboard(
        beginning: .watching, theme: .standard, themeName: "signflip", library: ThemeLibrary(searchPath: [])),
      terminal: terminal, engine: engine,
      changedSettings: {
        looks += 1
        return SettingsReading(yaml: "keys: {quit: []}", path: "c", library: ThemeLibrary(searchPath: []))
      }, keepCommand: { kept.append($0) }, save: { _, _ in })
    #expect(loop.run() == .hangup)
    // The loop ran for about a second.
    #expect((1...2).contains(looks) && kept == ["freeze"])
    #expect(loop.dashboard.toast?.text.hasPrefix("settings not changed: c:1: keys: quit needs a key") == true)
  }

  @Test func whatCannotBeKeptForTheNextSessionIsSaidOnce() {
    struct Full: Error, CustomStringConvertible { let description = "/state/history: No space left on device" }
    let engine = FakeEngine()
    func keys(_ text: String) -> [FakeTerminal.Step] {
      text.map { .event(.key(.character($0))) } + [.event(.key(.enter))]
    }
    var attempts = 0
    let terminal = FakeTerminal(
      [.run { engine.makeReady() }] + keys(":freeze") + [.run {}, .event(.key(.escape)), .run {}]
        + keys(":lane all") + [.run {}])
    let loop = RunLoop(
      dashboard: Dashboard(
        beginning: .watching, theme: .standard, themeName: "signflip", library: ThemeLibrary(searchPath: [])),
      terminal: terminal, engine: engine,
      keepCommand: { _ in
        attempts += 1
        throw Full()
      }, save: { _, _ in })
    #expect(loop.run() == .hangup)
    let said = terminal.frames.map { FrameText.plain($0) }
    let words = "the commands are not remembered for the next session: /state/"
    #expect(attempts == 2 && said.contains { $0.contains(words) } && !(said.last?.contains("not remembered") ?? true))
  }

  @Test func theScreenIsSavedWithoutTheLineThatAskedForIt() {
    struct Exists: Error, CustomStringConvertible { let description = "expected a new file, found one" }
    let engine = FakeEngine()
    var saved: [(path: String, text: String)] = []
    func keys(_ text: String) -> [FakeTerminal.Step] { text.map { .event(.key(.character($0))) } }
    let (loop, terminal) = loop(
      engine,
      [.run { engine.makeReady() }, .run { engine.train(100) }] + keys(":save /tmp/a.txt") + [.event(.key(.enter))]
        + keys(":save /tmp/a.txt") + [.event(.key(.enter)), .run {}]
    ) { path, text in
      if !saved.isEmpty { throw Exists() }
      saved.append((path, text))
    }
    #expect(loop.run() == .hangup)
    #expect(saved.map(\.path) == ["/tmp/a.txt"])
    #expect(saved.first.map { $0.text.contains("baseline") && !$0.text.contains(":save") } == true)
    let screens = terminal.frames.map { FrameText.plain($0) }
    #expect(screens.contains { $0.contains("screen saved in /tmp/a.txt") })
    #expect(screens.last?.contains("not saved: expected a new file, found one") == true)
  }

  @Test func aTerminalThatIsGoneEndsIt() {
    let (loop, _) = loop(FakeEngine(), [])
    #expect(loop.run() == .hangup)
  }

  @Test func pausedItRestsAndDrawsNothing() {
    let engine = FakeEngine()
    var drawn = 0
    var terminal: FakeTerminal?
    let script: [FakeTerminal.Step] = [
      .run { engine.makeReady() }, .run { engine.train(50) }, .event(.key(.character(" "))), .run {},
      // It is polled for a while after its answer.
      .run { usleep(400_000) }, .run {}, .run {},
      .run { drawn = terminal?.frames.count ?? 0 }, .idle(20),
    ]
    let (loop, device) = loop(engine, script)
    terminal = device
    #expect(loop.run() == .hangup)
    #expect(device.frames.count == drawn)
    #expect(device.timeouts.suffix(20).allSatisfy { $0 > 0.5 })
  }

  @Test func aLostEngineIsReplaced() {
    struct NoRun: Error, CustomStringConvertible { let description = "the run's lock is taken" }
    let first = FakeEngine()
    let second = FakeEngine()
    second.send(.start(.init(source: .preset(nil))))
    var tries = 0
    let terminal = FakeTerminal([
      .run { first.makeReady() }, .run { first.train(50) }, .run { first.lose("signal 9") }, .run {},
      .event(.key(.character("R"))), .run { second.makeReady() }, .event(.key(.character("R"))),
      .run { second.train(20) }, .run {}, .run {}, .event(.key(.character("q"))), .event(.key(.enter)),
    ])
    let dashboard = Dashboard(
      beginning: .watching, theme: .standard, themeName: "signflip", library: ThemeLibrary(searchPath: []),
      canLeave: true)
    first.send(.start(.init(source: .preset(nil))))
    let loop = RunLoop(
      dashboard: dashboard, terminal: terminal, engine: first,
      resume: {
        tries += 1
        // The first attempt fails.
        if tries == 1 { throw NoRun() }
        return second
      }, save: { _, _ in })
    #expect(loop.run() == .leftTraining)
    #expect(tries == 2 && loop.engine === second)
    #expect(loop.dashboard.model.lanes.map(\.step) == [20, 20])
    #expect(terminal.frames.contains { FrameText.plain($0).contains("cannot resume: the run's lock is taken") })
    #expect(terminal.frames.contains { FrameText.plain($0).contains("resuming the run") })
  }

  @Test func aResizeIsDrawnAtOnce() {
    let engine = FakeEngine()
    var terminal: FakeTerminal?
    let (loop, device) = loop(
      engine,
      [
        .run { engine.makeReady() },
        .run { terminal?.size = (40, 10) }, .event(.resize(width: 40, height: 10)), .idle(1),
      ])
    terminal = device
    _ = loop.run()
    #expect(device.frames.last.map { [$0.width, $0.height] } == [40, 10])
  }
}
