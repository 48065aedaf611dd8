import Dashboard
import EngineProtocol
import TerminalUI
import Testing

/// The mode without a screen: a run told in sentences, and typed commands.
@Suite struct PlainTests {
  // A session with a fake engine, without waiting.
  private struct Talk {
    var session: PlainSession
    let engine: FakeEngine
    var lines: [String] = []

    init(tellsHistory: Bool = true, _ fixture: Fixture = .pair, canLeave: Bool = true) {
      engine = FakeEngine(fixture)
      engine.send(.start(.init(source: .preset("fashion-quick"))))
      let dashboard = Dashboard(
        beginning: .watching, theme: .monochrome, themeName: "monochrome", library: ThemeLibrary(searchPath: []),
        canLeave: canLeave)
      session = PlainSession(dashboard: dashboard, tellsHistory: tellsHistory)
    }

    @discardableResult
    mutating func poll() -> [String] {
      let snapshot = engine.snapshot()
      let batch = engine.events(after: session.dashboard.model.cursor)
      let new = session.consume(batch, snapshot, silence: 0, now: 0)
      send()
      lines += new
      return new
    }

    mutating func type(_ line: String) -> [String] {
      let answer = session.take(line, now: 0)
      send()
      return answer + poll()
    }

    private mutating func send() {
      for (command, id) in session.takeCommands() { engine.send(command, as: id) }
    }
  }

  private func training(_ steps: Int = 600, tellsHistory: Bool = true, canLeave: Bool = true) -> Talk {
    var talk = Talk(tellsHistory: tellsHistory, canLeave: canLeave)
    talk.poll()
    talk.engine.makeReady()
    talk.poll()
    talk.engine.train(steps)
    talk.poll()
    return talk
  }

  @Test func aRunIsToldFromItsStartToItsEnd() {
    var talk = training()
    #expect(talk.lines.contains { $0.hasPrefix("Experiment fashion-quick on ") && $0.contains("training and") })
    #expect(talk.lines.contains { $0.hasPrefix("Lane binary: ") })
    #expect(talk.lines.contains { $0.hasPrefix("binary, epoch 1 of ") && $0.contains("validation accuracy ") })
    #expect(talk.lines.contains { $0.hasPrefix("binary, before the first update: validation accuracy ") })
    talk.engine.train(6000)
    talk.poll()
    #expect(talk.lines.contains { $0.hasPrefix("binary has finished: test accuracy ") })
    #expect(talk.lines.last == "Every lane has ended.")
    #expect(talk.session.end == .finished)
    // One sentence a line, no control characters, no line that needs a screen.
    for line in talk.lines {
      #expect(!line.isEmpty && !line.unicodeScalars.contains { $0.value < 32 } && line.hasSuffix("."), "\(line)")
    }
  }

  @Test func whoAttachesHearsTheStateAndThenTheNews() {
    var talk = Talk(tellsHistory: false)
    talk.engine.makeReady()
    talk.engine.train(1000)
    talk.poll()
    talk.poll()
    #expect(!talk.lines.contains { $0.contains(", epoch 1 of") })
    #expect(talk.lines.contains { $0.hasPrefix("binary is training: epoch ") && $0.contains("learning rate ") })
    talk.engine.train(600)
    #expect(talk.poll().contains { $0.hasPrefix("binary, epoch ") })
  }

  @Test func commandsAreTypedAndAnswered() {
    var talk = training()
    #expect(talk.type("pause").contains { $0.hasPrefix("baseline is paused at step ") })
    #expect(talk.type("pause") == ["All lanes are paused already; resume lets them go on."])
    #expect(talk.type("step").contains { $0.hasPrefix("binary has done one update and is paused at step ") })
    #expect(talk.type(":resume").contains { $0.hasPrefix("binary goes on from step ") })
    #expect(
      talk.type("set binary.learningRate 3e-4").contains {
        $0.hasPrefix("binary: learning rate changed from 3e-3 to 3e-4")
      })
    #expect(talk.type("undo").contains { $0.contains("changed from 3e-4 to 3e-3") })
    #expect(talk.type("set learningRate fast") == ["learningRate: expected a number from 1e-9 to 10, found “fast”."])
    #expect(talk.type("lane binary") == ["Commands apply to binary."])
    #expect(talk.type("all-lanes") == ["Commands apply to baseline, binary."])
    #expect(talk.type("Status").count == 2)
    #expect(talk.type("   ") == [] && talk.type(":") == [])
  }

  @Test(arguments: [
    ("frobnicate", "Expected a command, found “frobnicate”; help lists the commands."),
    ("puase", "Expected a command, found “puase”; did you mean “pause”?"),
    ("zoom-in", "zoom-in needs the screen. Type help for the commands of this mode."),
    ("rewind", "rewind: expected [LANE] STEP, found nothing."),
    ("set", "set: expected [LANE.]KEY VALUE, found nothing."),
    ("accept", "The health watch offers no change."), ("checkpoints nobody", "no lane “nobody”"),
    ("help xyzzy", "No command matches “xyzzy”."), ("lane nobody", "obody”"),
  ])
  func mistakesAreAnswered(_ line: String, _ words: String) {
    var talk = training()
    let sent = talk.engine.commands.count
    let answer = talk.type(line)
    #expect(answer.count == 1 && answer[0].contains(words) || line.hasPrefix("checkpoints"), "\(answer)")
    #expect(talk.engine.commands.count == sent && talk.session.dashboard.overlay == nil)
  }

  @Test func helpNamesEveryCommandOfThisMode() {
    var talk = training()
    let help = talk.type("help")
    for name in ["pause: ", "resume [LANE]: ", "set [LANE.]KEY VALUE: ", "accept: ", "decline: ", "quit: ", "status: "]
    {
      #expect(help.contains { $0.hasPrefix(name) }, "\(name)")
    }
    #expect(!help.contains { $0.contains("key") || $0.contains("focus") && !$0.contains("lane") })
    #expect(talk.type("help rewind").contains { $0.hasPrefix("rewind [LANE] STEP: ") })
  }

  @Test func alarmsOfferTheirEdit() {
    var talk = training()
    let finding = HealthFinding(
      .divergence, lane: "binary", branch: 1, step: 40, epoch: 0.5, since: 20, figures: [],
      suggestion: HyperparameterSetting(.learningRate, .number(1e-4)))
    talk.engine.tell(.health(HealthReport(.warning, "divergence: the loss rises", time: 0, finding: finding)))
    #expect(
      talk.poll() == [
        "Warning: divergence: the loss rises.",
        "The health watch offers learning rate 1e-4 for binary: type accept to make this change, or decline.",
      ])
    #expect(talk.type("accept").contains { $0.contains("learning rate changed from 3e-3 to 1e-4") })
  }

  @Test func questionsAreAskedAndAnsweredInWords() {
    var talk = training()
    let question = talk.type("quit")
    #expect(question.count == 1 && question[0].hasSuffix("Type: leave it training, stop it or stay."))
    #expect(talk.type("perhaps")[0].hasPrefix("Expected an answer, found “perhaps”. Leave while"))
    #expect(talk.type("stay") == ["Nothing is changed."] && talk.session.end == nil)
    _ = talk.type("stop binary")
    #expect(talk.type("yes").contains { $0.hasPrefix("binary is stopped at step ") })
    _ = talk.type("quit")
    _ = talk.type("leave")
    #expect(talk.session.end == .leftTraining)
    var other = training()
    _ = other.type("q")
    _ = other.type("stop")
    #expect(other.session.end == .quitTraining)
    var third = training()
    third.session.leave()
    #expect(third.session.end == .leftTraining)
  }

  @Test func aLostEngineEndsTheSession() {
    var talk = training()
    talk.engine.tell(.engineLost("the engine has died"))
    #expect(talk.poll().contains("The engine is gone: the engine has died."))
    #expect(talk.session.end == .failed("the engine has died"))
  }
}
