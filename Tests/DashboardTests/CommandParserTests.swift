import Dashboard
import EngineProtocol
import TerminalUI
import Testing

@Suite struct CommandParserTests {
  @Test func aBeginningThatOnlyOneCommandHasIsEnough() throws {
    #expect(try CommandParser.parse("th nord", in: .live) == Invocation(.theme, "nord"))
    #expect(try CommandParser.parse("q", in: .live) == Invocation(.quit))
    #expect(try CommandParser.parse("stop", in: .live) == Invocation(.stop))
  }

  @Test func whatIsNotUnderstoodIsNamed() {
    #expect(throws: CommandParser.Mistake(description: "no command “frobnicate” here; ? lists them")) {
      try CommandParser.parse("frobnicate", in: .live)
    }
    #expect(throws: CommandParser.Mistake(description: "“zoom” may be zoom-all, zoom-in, zoom-out")) {
      try CommandParser.parse("zoom", in: .live)
    }
    #expect(throws: CommandParser.Mistake.self) { try CommandParser.parse("start", in: .live) }
    #expect(throws: CommandParser.Mistake.self) { try CommandParser.parse("   ", in: .live) }
  }

  @Test func setReachesOneLaneOrAll() {
    var harness = Harness.training(100)
    harness.command("set binary.learningRate 3e-4")
    #expect(harness.engine.commands.last == .set(.learningRate, .number(3e-4), .lane("binary")))
    harness.command("set batchSize=64")
    #expect(harness.engine.commands.last == .set(.batchSize, .number(64), .all))
    // Only one lane has the key: the command applies to all lanes that have it.
    harness.command("set clipValue 0.5")
    #expect(harness.engine.commands.last == .set(.clipValue, .number(0.5), .lane("binary")))
  }

  @Test(arguments: [
    ("set learningRate fast", "expected a number from 1e-9 to 10, found “fast”"),
    ("set learningRate 99", "expected a number from 1e-9 to 10, found 99"),
    ("set nobody.learningRate 1", "expected a lane (baseline, binary), found “nobody”"),
    ("set speed 9", "expected a hyperparameter"), ("set learningRate", "expected [LANE.]KEY VALUE"),
    ("epoch soon", "expected a whole number from 1, found “soon”"), ("theme nrod", "no theme “nrod”"),
    ("lane nobody", "expected a lane"), ("glyphs crayon", "expected braille, blocks, console, ascii, found “crayon”"),
    ("cursor-right x", "expected a step, found “x”"),
  ])
  func aMistakeIsSaidAndNothingIsSent(_ line: String, _ words: String) {
    var harness = Harness.training(50)
    let sent = harness.engine.commands.count
    harness.command(line)
    #expect(harness.engine.commands.count == sent)
    #expect(harness.dashboard.toast?.text.contains(words) == true, "\(harness.dashboard.toast?.text ?? "silence")")
    #expect(harness.dashboard.toast?.weight == .warning)
  }

  @Test func anUnknownCommandStaysToBeMended() {
    var harness = Harness.training(50)
    harness.command("frobnicate")
    guard let entry = harness.dashboard.overlay as? LineEntry else {
      Issue.record("the line is gone")
      return
    }
    #expect(entry.text.text == "frobnicate")
    #expect(harness.screen().contains("no command “frobnicate” here"))
    harness.press(.escape)
    #expect(harness.dashboard.overlay == nil)
  }

  @Test func tabCompletesCommandsAndArguments() {
    var harness = Harness.training(50)
    harness.press(.character(":"))
    harness.type("fre")
    harness.press(.tab)
    #expect(harness.screen().contains(":freeze"))
    harness.press(.control("u"))
    harness.type("set bin")
    // First, the common prefix.
    harness.press(.tab)
    guard let entry = harness.dashboard.overlay as? LineEntry else {
      Issue.record("no entry")
      return
    }
    #expect(entry.text.text == "set binar" && entry.completions.count > 2)
    harness.press(.tab)
    #expect(harness.screen().contains(":set binary.learningRate"))
    harness.press(.tab)
    #expect(harness.screen().contains(":set binary.finalLearningRate"))
    harness.press(.backTab)
    #expect(harness.screen().contains(":set binary.learningRate"))
  }

  @Test func linesAreRecalled() {
    var harness = Harness.training(50)
    harness.command("freeze")
    harness.command("axis")
    harness.press(.character(":"), .up, .up)
    #expect(harness.screen().contains(":freeze"))
    harness.press(.down)
    #expect(harness.screen().contains(":axis"))
  }

  @Test func pauseResumeEpochAndStopNameTheirLanes() {
    var harness = Harness.training(50)
    harness.command("pause binary")
    #expect(harness.engine.commands.last == .pause(.lane("binary")))
    harness.command("pause-lane binary")
    #expect(harness.engine.commands.last == .resume(.lane("binary")))
    harness.command("epoch 3")
    #expect(harness.engine.commands.last == .runToEpoch(3, .all))
    harness.command("stop binary")
    harness.press(.character("y"))
    #expect(harness.engine.commands.last == .stop(.lane("binary")))
  }
}
