import Dashboard
import EngineProtocol
import Foundation
import TerminalUI
import Testing
import TrainingMetrics

/// The screen of a sweep: what keys, commands and clicks do.
@Suite struct SweepScreenTests {
  @Test func trialsAreSortedByEveryColumnInBothOrders() {
    var harness = SweepHarness()
    // By the objective, best first; those without one last.
    #expect(harness.numbers == [6, 5, 2, 1, 8, 4, 7, 3, 9, 10, 11, 12])
    harness.command("sort")
    #expect(harness.numbers == [7, 4, 8, 1, 2, 5, 6, 3, 9, 10, 11, 12])
    harness.command("sort trial")
    #expect(harness.numbers == Array(1...12))
    harness.press(.character("s"))
    #expect(harness.numbers == Array((1...12).reversed()))
    harness.command("sort optimizer")
    #expect(harness.numbers == [1, 2, 5, 6, 9, 10, 3, 4, 7, 8, 11, 12])
    harness.command("sort momentum")
    #expect(harness.numbers == [3, 4, 7, 8, 11, 12, 1, 2, 5, 6, 9, 10])
    harness.command("sort binary.learningRate")
    #expect(harness.numbers == Array(1...12))
    harness.command("sort colour")
    #expect(harness.screen().contains("sort: expected trial, setting, learningRate"))
    // The next column is that of the optimizer.
    harness.press(.right)
    #expect(harness.model.column == .parameter(1))
    harness.press(.left, .left)
    #expect(harness.model.column == .setting)
  }

  @Test func aClickSortsByAHeadingAndSelectsATrial() throws {
    var harness = SweepHarness(FakeSweep.finished)
    let lines = harness.screen().split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let row = try #require(lines.firstIndex { $0.contains("learningRate") })
    let column = try #require(lines[row].range(of: "optimizer"))
    harness.mouse(.press, x: lines[row].distance(from: lines[row].startIndex, to: column.lowerBound), y: row)
    #expect(harness.model.column == .parameter(1))
    _ = harness.screen()
    harness.mouse(.press, x: 8, y: row + 3)
    #expect(harness.model.selected == harness.numbers[2])
    harness.mouse(.wheelDown, x: 8, y: row + 3)
    #expect(harness.model.selected == harness.numbers[3])
    harness.mouse(.wheelUp, x: 8, y: row + 3)
    #expect(harness.model.selected == harness.numbers[2])
    let tab = try #require(lines[1].range(of: "progress"))
    harness.mouse(.press, x: lines[1].distance(from: lines[1].startIndex, to: tab.lowerBound), y: 1)
    #expect(harness.dashboard.sweep?.screen == .progress)
  }

  @Test(arguments: [
    ("learningRate>0.01", [9, 10, 11, 12]), ("learningRate>=0.01 optimizer=sgd", [7, 8, 11, 12]),
    ("state=running", [7, 8]), ("status=TRAINING", [7, 8]), ("accuracy>=97.7%", [5, 6]), ("objective<0.94", [4, 7, 8]),
    ("optimizer!=adam seed=2", [4, 8, 12]), ("momentum=0.9 trial<5", [3, 4]), ("momentum!=0.9 trial<5", [1, 2]),
    ("^sgd$ epochs=10", [3, 4]), ("state~fail|wait", [3, 9, 10, 11, 12]),
    ("node1 binary.learningRate=1e-2", [5, 6, 7, 8]),
    ("", Array(1...12)), ("nothing", []),
  ])
  func aFilterShowsMatchingTrials(_ text: String, _ numbers: [Int]) throws {
    let sweep = FakeSweep.running
    let filter = try TrialFilter(text, in: sweep)
    #expect(sweep.trials.filter { filter.accepts($0, in: sweep) }.map(\.number) == numbers)
  }

  @Test(arguments: [
    ("rate>1", "expected a column (trial, setting, learningRate"), ("learningRat>1", "learningRate"),
    ("learningRate>fast", "learningRate>fast: expected a number after >, found “fast”"),
    ("learningRate>", "learningRate>: expected a value after >"), ("state>waiting", "expected a number after >"),
    ("a[", "expected a regular expression, found “a[”"),
  ])
  func aWrongFilterSaysWhatIsExpected(_ text: String, _ words: String) {
    #expect { try TrialFilter(text, in: FakeSweep.running) } throws: { "\($0)".contains(words) }
  }

  @Test func theFilterIsTypedAndEscShowsAllTrials() {
    var harness = SweepHarness()
    harness.press(.character("/"))
    harness.type("optimizer=sgd")
    // While it is typed.
    #expect(harness.numbers.count == 6)
    #expect(harness.screen().contains("filter optimizer=sgd"))
    harness.press(.enter)
    #expect(harness.screen().contains("6 of 12 trials with “optimizer=sgd”"))
    harness.press(.escape)
    #expect(harness.numbers.count == 12)
    harness.press(.character("/"))
    harness.type("rate>1")
    harness.press(.enter)
    #expect(harness.screen().contains("expected a column"))
    harness.press(.escape)
    harness.command("filter-trials nothing")
    #expect(harness.screen().contains("no trial matches “nothing”"))
    harness.press(.enter)
    #expect(harness.screen().contains("no trial is selected"))
  }

  @Test func theSelectionStaysOnItsTrial() {
    var harness = SweepHarness()
    #expect(harness.screen().contains("binary validation accuracy 97.90 %"))
    harness.press(.down, .down)
    #expect(harness.model.selected == 2)
    // Its curve, not the former one's.
    #expect(harness.screen().contains("binary validation accuracy 94.90 %"))
    harness.command("sort trial")
    #expect(harness.model.selected == 2)
    harness.press(.end)
    #expect(harness.model.selected == 12)
    harness.press(.home, .pageDown)
    #expect(harness.model.selected != 1)
    var sweep = FakeSweep.finished
    sweep.version = 1
    let selected = harness.model.selected
    harness.take(sweep)
    #expect(harness.model.selected == selected && harness.screen().contains("finished"))
  }

  @Test func aTrialIsStoppedAfterAQuestion() {
    var harness = SweepHarness()
    harness.command("stop-trial 7")
    #expect(harness.screen().contains("Stop trial 7?"))
    harness.press(.character("n"))
    #expect(!harness.effects.contains(.sweep(.stop(trial: 7))))
    harness.command("stop-trial 7")
    harness.press(.character("y"))
    #expect(harness.effects.contains(.sweep(.stop(trial: 7))))
    harness.take(FakeSweep.running, [SweepReport("trial 7 is asked to stop", isDone: true)])
    #expect(harness.screen().contains("trial 7 is asked to stop"))
    harness.press(.character("x"))
    #expect(harness.screen().contains("trial 6 has ended already"))
    harness.command("stop-trial 99")
    #expect(harness.screen().contains("expected a trial from 1 to 12, found “99”"))
  }

  @Test func onlyAHeldTrialIsPromoted() {
    var harness = SweepHarness(FakeSweep.halving)
    harness.command("promote 5")
    #expect(harness.screen().contains("trial 5 is finished: only a trial that halving holds can be promoted"))
    harness.command("filter-trials state=held")
    harness.press(.character("p"))
    #expect(harness.effects.contains(.sweep(.promote(trial: harness.numbers[0]))))
  }

  @Test func aTrialIsOpenedAndForked() {
    var harness = SweepHarness()
    harness.command("open-trial 12")
    #expect(harness.screen().contains("trial 12 was not started yet"))
    harness.press(.enter)
    #expect(harness.effects.contains(.end(.openTrial(6))))
    harness.press(.character("F"))
    #expect(harness.screen().contains("fork trial 6 with"))
    harness.type("learningRate=3e-4")
    harness.press(.enter)
    #expect(harness.effects.contains(.sweep(.fork(trial: 6, changes: "learningRate=3e-4"))))
    harness.command("fork-trial 5 clipValue=0.5 dropout=0")
    #expect(harness.effects.contains(.sweep(.fork(trial: 5, changes: "clipValue=0.5 dropout=0"))))
    harness.dashboard.didNotOpen("/runs/trial-0006: no such run")
    #expect(harness.screen().contains("/runs/trial-0006: no such run"))
  }

  @Test func marksAreSetAndRemoved() {
    var harness = SweepHarness()
    harness.press(.character(" "), .character(" "))
    #expect(harness.model.marked == [6, 5] && harness.model.selected == 2)
    harness.command("mark 6")
    #expect(harness.model.marked == [5])
    harness.press(.character("u"))
    #expect(harness.model.marked.isEmpty)
  }

  @Test func helpListsTheKeysOfASweepAndNoOthers() {
    var harness = SweepHarness()
    harness.press(.character("?"))
    let help = harness.screen(120, 60)
    #expect(help.contains(":filter-trials") && help.contains(":promote") && help.contains(":theme"))
    #expect(!help.contains(":pause") && !help.contains(":download"))
    harness.press(.escape, .character("q"))
    #expect(harness.effects.last == .end(.finished))
  }

  @Test func theBestSoFarNeverGetsWorse() throws {
    let best = BestSoFar(FakeSweep.finished)
    let values = best.best.points.map(\.value)
    #expect(values.count == 12 && zip(values, values.dropFirst()).allSatisfy { $0 <= $1 })
    // The best mean has both seeds: 0.98 + 0.003 - 0.5 / 101.
    #expect(abs(try #require(best.setting.last?.value) - 0.978050) < 1e-5)
    #expect(best.setting.points.first?.step == 2)
  }

  @Test func progressTellsWhatIsLeftAndWhatWorkersDo() {
    var harness = SweepHarness()
    harness.press(.character("6"))
    let screen = harness.screen()
    #expect(screen.contains("4 waiting") && screen.contains("2 training") && screen.contains("1 failed"))
    // 67 of 120 epochs in 67 minutes: 53 minutes of work are left for two workers.
    #expect(screen.contains("67 of 120 epochs") && screen.contains("left with 2 workers"))
    #expect(screen.contains("process 816 on n") && screen.contains("3/10") && screen.contains("4/10"))
    #expect(screen.contains("started by process 805 on node1"))
    harness.press(.right)
    #expect(harness.screen().contains("time"))
  }

  @Test func theObjectiveIsDrawnAgainstAnyParameterColouredByAnother() {
    var harness = SweepHarness(FakeSweep.finished)
    harness.press(.character("3"))
    let first = harness.screen()
    #expect(first.contains("accuracy by learningRate") && first.contains("coloured by optimizer"))
    #expect(first.contains("• adam") && first.contains("• sgd") && first.contains("1e-3"))
    // The most important parameter first, with the method.
    #expect(first.contains("variance explained, ε²") && first.contains("81 %"))
    harness.press(.character("L"))
    #expect(harness.screen().contains("the axis of learningRate is linear"))
    harness.press(.right)
    #expect(harness.screen().contains("accuracy by optimizer"))
    harness.press(.character("L"))
    #expect(harness.screen().contains("optimizer has no numbers"))
    harness.command("color learningRate")
    #expect(harness.screen().contains("coloured by learningRate"))
    harness.command("color nothing")
    #expect(harness.screen().contains("color: expected learningRate, optimizer, momentum, found “nothing”"))
    harness.press(.left, .left)
    #expect(harness.screen().contains("accuracy by momentum"))
  }

  @Test func everyParameterAndTheObjectiveHasAParallelAxis() {
    var harness = SweepHarness(FakeSweep.finished)
    harness.press(.character("4"))
    let screen = harness.screen()
    for name in ["learningRate", "optimizer", "momentum", "accuracy", "adam", "sgd", "97.9 %", "best quarter"] {
      #expect(screen.contains(name), "\(name)")
    }
    // On a narrow screen the most important one stays.
    let narrow = harness.screen(28, 10)
    #expect(narrow.contains("learning") && narrow.contains("accuracy") && !narrow.contains("momentum"))
  }

  @Test func curvesOfMarkedTrialsAreOverlaid() {
    var harness = SweepHarness(FakeSweep.finished)
    harness.press(.character("5"))
    #expect(harness.screen().contains("space in the table marks trials") && harness.screen().contains("trial 6"))
    harness.command("mark 11")
    harness.command("mark 2")
    let marked = harness.screen()
    #expect(marked.contains("marked trials") && marked.contains("trial 11") && marked.contains("trial 2"))
    #expect(!marked.contains("trial 6"))
    harness.press(.right)
    #expect(harness.screen().contains("binary validation loss"))
    harness.press(.right)
    #expect(harness.screen().contains("binary training loss"))
  }

  @Test func settingsHaveMeanAndSpreadOverSeeds() throws {
    var harness = SweepHarness(FakeSweep.finished)
    let settings = SettingSummary.all(harness.model)
    #expect(settings.map(\.number) == [3, 4, 1, 2, 5, 6])
    // Seeds 1 and 2 differ by 0.002: the deviation is 0.002 / √2.
    #expect(abs(try #require(settings[0].standardDeviation) - 0.002 / 2.0.squareRoot()) < 1e-9)
    harness.press(.character("2"), .home, .down)
    #expect(harness.model.trial?.setting == 4)
    let screen = harness.screen()
    #expect(screen.contains("97.80 %") && screen.contains("±0.14") && screen.contains("2/2"))
    #expect(screen.contains("97.70 – 97.90"))
    // A filter leaves one seed of each setting: the interval is that of both, so it is not shown.
    harness.press(.character("/"))
    harness.type("seed=1")
    harness.press(.enter)
    #expect(SettingSummary.all(harness.model).allSatisfy { $0.values.count == 1 && $0.interval == nil })
    #expect(!harness.screen().contains("97.70 – 97.90"))
  }

  @Test func anUnreadableFolderIsSaid() {
    var harness = SweepHarness()
    var sweep = FakeSweep.running
    (sweep.version, sweep.problem) = (1, "/runs/rates: can't be read: No such file or directory")
    harness.take(sweep)
    let screen = harness.screen()
    #expect(screen.contains("not read") && screen.contains("can't be read: No such file"))
  }

  @Test(arguments: SweepViews.all.map { $0.tab.action.rawValue })
  func everyScreenIsUsefulAtEverySize(_ name: String) throws {
    for (state, sweep) in [("running", FakeSweep.running), ("finished", FakeSweep.finished)] {
      for glyphs in [GlyphSet.braille, .ascii] {
        var harness = SweepHarness(sweep, glyphs: glyphs, theme: glyphs.name == "ascii" ? .monochrome : .standard)
        harness.command(name)
        for (width, height) in [(200, 60), (120, 40), (80, 24), (60, 15), (40, 10), (20, 5)] {
          let screen = harness.screen(width, height)
          let lines = screen.split(separator: "\n", omittingEmptySubsequences: false)
          #expect(lines.count == height && lines.allSatisfy { displayWidth(String($0)) <= width })
          #expect(!screen.contains("too small"))
          if glyphs.name == "ascii" { #expect(screen.utf8.allSatisfy { $0 < 128 }) }
          if state == "running" || glyphs.name != "ascii" {
            try GoldenFile.compare(screen, "sweep-\(name)-\(state)-\(glyphs.name)-\(width)x\(height)")
          }
        }
        // Every smaller size is drawn without a trap.
        for width in 1...24 { for height in 1...9 { _ = harness.frame(width, height) } }
      }
    }
  }

  // Each key changes the screen or asks for something.
  @Test(arguments: ActionTable.all.filter { $0.context.contains(.sweep) }.map(\.action))
  func everyActionDoesSomething(_ action: Action) throws {
    var harness = SweepHarness(action == .promote || action == .unmarkAll ? FakeSweep.halving : FakeSweep.running)
    if action == .color || action == .axisScale { harness.press(.character("3")) }
    if action == .trials || action == .back { harness.press(.character("6")) }
    if action == .promote { harness.command("filter-trials state=held") }
    if action == .stopTrial { harness.command("filter-trials state=training") }
    if action == .unmarkAll { harness.press(.character(" ")) }
    if [.up, .first, .pageUp].contains(action) { harness.press(.end) }
    let before = (harness.screen(), harness.effects.count)
    harness.press(try #require(harness.dashboard.keyMap.keys(for: action).first))
    #expect(before != (harness.screen(), harness.effects.count))
  }
}
