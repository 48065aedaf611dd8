import Dashboard
import EngineProtocol
import TerminalUI
import Testing
import TrainingMetrics

/// Checkpoints, rewinds and forks by keys.
@Suite struct CheckpointTests {
  @Test func rewindingAsksFirstAndLeavesAGhost() {
    var harness = Harness.training(540)
    harness.engine.checkpoint()
    harness.train(500)
    harness.press(.tab, .tab, .character("c"), .enter)
    #expect(harness.screen().contains("Rewind binary to step 540?"))
    #expect(harness.screen().contains("Later steps remain visible as a ghost curve."))
    // “No” returns to the list.
    harness.press(.character("n"))
    guard harness.dashboard.overlay is CheckpointList else {
      Issue.record("the list is gone")
      return
    }
    harness.press(.enter, .character("y"))
    harness.poll()
    #expect(harness.engine.commands.last == .rewind(lane: "binary", branch: 1, step: 540))
    #expect(harness.dashboard.toast?.text == "rewound from step 1,040: binary at step 540")
    harness.train(10)
    let lane = harness.dashboard.model.lanes[1]
    #expect(lane.step == 550 && lane.ghosts.count == 1 && lane.history.branch.number == 2)
  }

  @Test func theListIsOfTheLaneInFocusTheNewestFirst() {
    var harness = Harness.training(100)
    harness.engine.checkpoint()
    harness.train(100)
    harness.engine.checkpoint(.best)
    harness.poll()
    harness.press(.character("c"))
    #expect(harness.screen().contains("checkpoints ─"))
    harness.press(.escape, .tab, .character("c"))
    let screen = harness.screen()
    #expect(screen.contains("checkpoints of baseline") && screen.contains("periodic") && screen.contains("80.2 MB"))
    // The selected checkpoint stays selected when a newer one is added.
    harness.press(.down)
    harness.train(100)
    harness.engine.checkpoint()
    harness.poll()
    harness.press(.enter, .character("y"))
    #expect(harness.engine.commands.last == .rewind(lane: "baseline", branch: 1, step: 100))
  }

  @Test func theListBeginsAtTheCursor() {
    var harness = Harness.training(100)
    for _ in 0..<5 {
      harness.engine.checkpoint()
      harness.train(100)
    }
    harness.command("cursor-right 350")
    harness.press(.tab, .character("c"), .enter)
    #expect(harness.screen().contains("Rewind baseline to step 300?"))
    harness.press(.escape, .escape, .character("W"))
    guard let entry = harness.dashboard.overlay as? LineEntry else {
      Issue.record("no entry")
      return
    }
    #expect(entry.text.text == "rewind baseline 300")
  }

  @Test func aForkIsANewPanelWithItsChanges() {
    var harness = Harness.rewound()
    harness.press(.character("c"), .character("f"))
    harness.type("learningRate=3e-4")
    harness.press(.enter)
    harness.poll()
    #expect(
      harness.engine.commands.last
        == .fork(
          ForkRequest(
            lane: "binary", branch: 1, step: 1172, settings: [HyperparameterSetting(.learningRate, .number(3e-4))])))
    harness.train(50)
    #expect(harness.dashboard.model.lanes.map(\.name) == ["baseline", "binary", "binary-2"])
    #expect(harness.dashboard.model.lanes[2].series(.trainLoss).points.first?.step == 1173)
    #expect(harness.screen(200, 50).contains("binary-2 ↳ binary @1,172"))
    #expect(
      harness.dashboard.model.log.contains {
        $0.lane == "binary-2" && $0.text == "forked off binary at step 1,172 with learning rate 3e-4"
      })
    #expect(harness.dashboard.model.lanes[2].value(of: .learningRate) == .number(3e-4))
  }

  @Test(arguments: [
    ("learningRate", "expected KEY=VALUE, found “learningRate”"), ("speed=3", "found “speed”"),
    ("learningRate=fast", "found “fast”"), ("dropout=0.2", "found “dropout”"),
  ])
  func whatIsWrongInAForkStaysToBeMended(_ line: String, _ words: String) {
    var harness = Harness.rewound()
    let sent = harness.engine.commands.count
    harness.press(.character("c"), .character("f"))
    harness.type(line)
    harness.press(.enter)
    guard let entry = harness.dashboard.overlay as? LineEntry else {
      Issue.record("the line is gone")
      return
    }
    #expect(entry.mistake.contains(words), "\(entry.mistake)")
    #expect(harness.engine.commands.count == sent)
  }

  @Test func commandsNameLaneStepAndChanges() {
    var harness = Harness.rewound()
    harness.command("fork binary 1,172 learningRate=1e-3 batchSize=50")
    #expect(
      harness.engine.commands.last
        == .fork(
          ForkRequest(
            lane: "binary", branch: 1, step: 1172,
            settings: [
              HyperparameterSetting(.learningRate, .number(1e-3)), HyperparameterSetting(.batchSize, .number(50)),
            ])))
    harness.press(.tab)
    harness.command("rewind 540")
    harness.press(.character("y"))
    #expect(harness.engine.commands.last == .rewind(lane: "baseline", branch: 1, step: 540))
    harness.command("checkpoint binary")
    #expect(harness.engine.commands.last == .checkpoint(.lane("binary")))
    #expect(harness.dashboard.toast?.text.hasPrefix("checkpoint of binary at step ") == true)
    harness.press(.character("C"))
    #expect(harness.engine.commands.last == .checkpoint(.lane("baseline")))
  }

  @Test(arguments: [
    ("rewind 1172", "expected a lane (baseline, binary) before the step"), ("rewind binary", "[LANE] STEP"),
    ("rewind nobody 5", "expected a lane (baseline, binary), found “nobody”"),
    ("rewind binary 600", "binary has no checkpoint at step 600; the one before is at 540"),
    ("rewind binary 540 now", "expected [LANE] STEP"), ("fork binary 5", "binary has no checkpoint at step 5"),
    ("fork binary 540 speed=1", "found “speed”"), ("checkpoint nobody", "expected a lane"),
  ])
  func aMistakeIsSaidAndNothingIsSent(_ line: String, _ words: String) {
    var harness = Harness.rewound()
    let sent = harness.engine.commands.count
    harness.command(line)
    #expect(harness.engine.commands.count == sent && harness.dashboard.overlay == nil)
    #expect(harness.dashboard.toast?.text.contains(words) == true, "\(harness.dashboard.toast?.text ?? "silence")")
  }

  @Test func commandsAreCompleted() {
    let lanes = Harness.rewound().dashboard.model.lanes
    func complete(_ line: String) -> [String] {
      CommandParser.completions(of: line, in: .live, lanes: lanes, themes: [])
    }
    #expect(complete("rewind bin") == ["rewind binary 1172", "rewind binary 540"])
    #expect(complete("fork binary 540 lear") == ["fork binary 540 learningRate="])
    #expect(
      complete("fork binary 540 learningRate=1 cl") == ["fork binary 540 learningRate=1 clipValue="])
    #expect(complete("checkpoint ba") == ["checkpoint baseline"])
  }

  @Test func aFinishedLaneGoesOnAfterARewind() {
    var harness = Harness.training(540)
    harness.engine.checkpoint()
    harness.train(6000)
    #expect(harness.dashboard.model.isFinished && harness.dashboard.model.lanes[1].result != nil)
    harness.command("rewind binary 540")
    harness.press(.character("y"))
    harness.poll()
    #expect(!harness.dashboard.model.isFinished && harness.dashboard.model.isTraining)
    #expect(harness.dashboard.model.lanes[1].result == nil && harness.dashboard.model.lanes[0].result != nil)
    #expect(harness.dashboard.model.lanes[1].testAccuracy == nil)
    harness.train(10)
    #expect(harness.dashboard.model.lanes[1].state == .training)
    harness.train(6000)
    #expect(harness.dashboard.model.isFinished)
    harness.command("fork binary 540")
    harness.poll()
    #expect(!harness.dashboard.model.isFinished && harness.dashboard.model.lanes.count == 3)
  }

  @Test func marksOfTheCourseLeftBehindGo() {
    var harness = Harness.training(540)
    harness.engine.checkpoint()
    harness.train(10)
    harness.command("set binary.learningRate 1e-4")
    harness.train(10)
    #expect(harness.screen(200, 60).contains("lr 1e-4"))
    harness.command("rewind binary 540")
    harness.press(.character("y"))
    harness.train(100)
    #expect(!harness.screen(200, 60).contains("lr 1e-4"))
    #expect(harness.screen(200, 60).contains("rewound"))
  }

  @Test func aGhostIsNamedWhereThereIsRoom() {
    var harness = Harness.rewound()
    #expect(harness.screen(200, 60).contains("·· before the rewind"))
    #expect(!harness.screen(80, 24).contains("before the rewind"))
    harness.press(.character("2"))
    #expect(harness.screen(200, 60).contains("dots: before a rewind"))
    for key in ["1", "2", "3", "4"] {
      harness.press(.character(Character(key)))
      for (width, height) in ScreenTests.sizes { _ = harness.dashboard.render(width: width, height: height) }
    }
  }

  @Test func theWholeRunShowsTheGhostToItsEnd() {
    var harness = Harness.training(540)
    harness.engine.checkpoint()
    harness.train(2500)
    harness.command("rewind baseline 540")
    harness.press(.character("y"))
    harness.command("rewind binary 540")
    harness.press(.character("y"))
    harness.train(10)
    harness.command("cursor-right 3000")
    #expect(harness.dashboard.live.chart.cursor == 3000)
  }
}
