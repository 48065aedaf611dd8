import Dashboard
import EngineProtocol
import Foundation
import TerminalUI
import Testing

@Suite struct CommandParserTests {
  @Test func aBeginningThatOnlyOneCommandHasIsEnough() throws {
    #expect(try CommandParser.parse("th nord", in: .live) == Invocation(.theme, "nord"))
    #expect(try CommandParser.parse("q", in: .live) == Invocation(.quit))
    #expect(try CommandParser.parse("stop", in: .live) == Invocation(.stop))
  }

  @Test func whatIsNotUnderstoodIsNamed() {
    #expect(throws: CommandParser.Mistake(description: "no command “frobnicate” here; :help lists them")) {
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

  @Test func tabAfterAWholeNameOffersItsValues() {
    var harness = Harness.training(50)
    harness.press(.character(":"))
    harness.type("set binary.binarization")
    harness.press(.tab)
    #expect(harness.screen().contains("set binary.binarization deterministic"))
    harness.type("s")
    harness.press(.tab)
    #expect((harness.dashboard.overlay as? LineEntry)?.text.text == "set binary.binarization stochastic")
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

  private func completions(_ line: String, _ context: ActionContext = .live) -> [String] {
    let harness = Harness.training(50)
    return CommandParser.completions(
      of: line, in: context, lanes: harness.dashboard.model.lanes, themes: ["nord", "terminal"], experiment: ["binary"],
      sweep: FakeSweep.running)
  }

  @Test func pathsAreCompletedAfterTheirCommands() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "signflip-\(UUID())").path
    try FileManager.default.createDirectory(atPath: folder + "/dir", withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for name in ["a.yaml", "a.svg", "b b.txt", ".hidden.yaml", "data.bin"] {
      #expect(FileManager.default.createFile(atPath: folder + "/" + name, contents: nil))
    }
    func names(_ line: String, _ context: ActionContext = .live) -> [String] {
      completions(line + folder + "/", context).map { $0.replacing(folder, with: "F") }
    }
    #expect(names("open ", .launcher) == ["open F/a.yaml", "open F/dir/"])
    #expect(names("save ") == ["save F/a.svg", "save F/b b.txt", "save F/dir/"])
    #expect(names("export ").count == 5)
    #expect(names("download mnist ", .launcher).contains("download mnist F/dir/"))
    #expect(completions("open \(folder)/.h", .launcher) == ["open \(folder)/.hidden.yaml"])
    #expect(completions("save \(folder)/nothing/") == [])
  }

  @Test func valuesAndNamesAreCompleted() {
    #expect(completions("set binary.binarization s") == ["set binary.binarization stochastic"])
    #expect(completions("set binarization=d") == ["set binarization=deterministic"])
    #expect(completions("copy ") == ["copy figures", "copy charts", "copy screen"])
    #expect(completions("help zoom-i") == ["help zoom-in"] && completions("theme n") == ["theme nord"])
    #expect(
      completions("toggle ", .launcher) == ["toggle binary"]
        && completions("pause b") == ["pause baseline", "pause binary"])
  }

  // An argument that is a name or a path is completed; the others are numbers, steps and free text.
  @Test func everyArgumentIsCompleted() {
    let numbers: Set<Action> = [
      .epoch, .cursorRight, .image, .rewind, .fork, .filter, .note, .weight, .filterTrials, .mark, .openTrial,
      .stopTrial,
      .promote, .forkTrial,
    ]
    for definition in ActionTable.all where definition.argument != nil && !numbers.contains(definition.action) {
      let contexts: [ActionContext] = [.live, .launcher, .sweep]
      let context = contexts.first { definition.context.contains($0) } ?? .live
      let first = definition.action == .download ? "\(definition.name) mnist /" : "\(definition.name) "
      let isPath = [.save, .open, .export].contains(definition.action)
      #expect(!completions(first + (isPath ? "/" : ""), context).isEmpty, "\(definition.name)")
    }
  }

  @Test func commandsAreKeptBetweenSessions() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "signflip-\(UUID())/state").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (one, other) = (CommandHistory(folder: folder), CommandHistory(folder: folder))
    #expect(one.read() == [])
    for line in ["freeze", "set learningRate 3e-4", "axis"] { try one.append(line) }
    try other.append("freeze")
    try one.append("epoch 3")
    #expect(one.read() == ["set learningRate 3e-4", "axis", "freeze", "epoch 3"])
    let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/history")
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    for number in 0..<CommandHistory.limit + 5 { try one.append("epoch \(number)") }
    #expect(one.read().count == CommandHistory.limit && one.read().last == "epoch \(CommandHistory.limit + 4)")
    // Damage: a line of control characters is skipped.
    try Data("axis\n\u{1B}[2J\nfreeze".utf8).write(to: URL(filePath: folder + "/history"))
    #expect(one.read() == ["axis", "freeze"])
    var harness = Harness.training(50)
    harness.dashboard.commandHistory = one.read()
    harness.press(.character(":"), .up)
    #expect(harness.screen().contains(":freeze"))
    harness.press(.escape)
    harness.command("axis")
    #expect(harness.dashboard.commandHistory == ["freeze", "axis"] && harness.effects.contains(.typed("axis")))
  }

  @Test func sessionsAddLinesAtTheSameTime() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "signflip-\(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for session in 0..<4 {
        group.addTask {
          for number in 0..<25 { try CommandHistory(folder: folder).append("epoch \(session)\(number)") }
        }
      }
      try await group.waitForAll()
    }
    #expect(Set(CommandHistory(folder: folder).read()).count == 100)
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
