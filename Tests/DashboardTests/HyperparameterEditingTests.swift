import Dashboard
import EngineProtocol
import Foundation
import TerminalUI
import Testing

@Suite struct HyperparameterEditingTests {
  @Test func arrowsDraftAndRestSends() {
    var harness = Harness.training(1284)
    harness.press(.tab, .tab)  // all → baseline → binary
    #expect(harness.dashboard.live.focus == .lane(1))
    let sent = harness.engine.commands.count
    harness.press(.right, .right, .right)
    #expect(harness.engine.commands.count == sent)
    #expect(harness.screen().contains("3e-3 → 6e-3"))
    harness.wait(1)
    #expect(harness.engine.commands.count == sent + 1)
    #expect(harness.engine.commands.last == .set(.learningRate, .number(6e-3), .lane("binary")))
    #expect(harness.dashboard.toast?.text == "learning rate 3e-3 → 6e-3: binary at step 1,284")
    #expect(harness.dashboard.toast?.weight == .good)
    #expect(harness.screen().contains("6e-3 @1,284"))
    harness.wait(10)
    #expect(!harness.screen().contains("@1,284"))
  }

  @Test func allLanesStepFromTheirOwnValues() {
    var harness = Harness.training(60)
    #expect(harness.dashboard.live.focus == .all)
    harness.press(.shiftRight)
    harness.wait(1)
    #expect(
      harness.engine.commands.suffix(2) == [
        .set(.learningRate, .number(3e-3), .lane("baseline")), .set(.learningRate, .number(0.01), .lane("binary")),
      ])
    harness.press(.character("<"))
    harness.wait(1)
    #expect(harness.dashboard.model.lanes.map { $0.value(of: .learningRate) } == [.number(1e-3), .number(3e-3)])
  }

  @Test func oneValueForAllLanesIsOneCommand() {
    var harness = Harness.training(60)
    harness.press(.enter)
    harness.type("3e-4")
    harness.press(.enter)
    harness.poll()
    #expect(harness.engine.commands.last == .set(.learningRate, .number(3e-4), .all))
    #expect(
      harness.dashboard.toast?.text == "learning rate 3e-3 → 3e-4: binary at step 60"
        || harness.dashboard.toast?.text == "learning rate 1e-3 → 3e-4: baseline at step 60")
  }

  @Test func aTypedValueOutOfRangeIsNotTaken() {
    var harness = Harness.training(60)
    let sent = harness.engine.commands.count
    harness.press(.enter)
    harness.type("12")
    harness.press(.enter)
    #expect(harness.engine.commands.count == sent)
    #expect(harness.screen().contains("expected a number from 1e-9 to 10, found 12"))
    harness.press(.backspace, .backspace)
    harness.type("2")
    harness.press(.enter)
    #expect(harness.engine.commands.count == sent + 1)
  }

  @Test func pendingUntilAnswered() {
    var harness = Harness(answersAtOnce: false)
    harness.engine.makeReady()
    harness.train(40)
    harness.command("set binary.learningRate 3e-4")
    harness.wait(5)
    #expect(harness.screen().contains("3e-3 → 3e-4"))
    #expect(harness.dashboard.expectsNews)
    harness.train(7)
    harness.engine.answerAll()
    harness.poll()
    #expect(harness.screen().contains("3e-4 @47"))
  }

  @Test func aRefusalIsShownWithItsReason() {
    var harness = Harness.training(60)
    harness.engine.refuseNext("the lane is testing")
    harness.command("set binary.learningRate 3e-4")
    #expect(harness.dashboard.toast?.text == "refused: the lane is testing")
    #expect(harness.dashboard.toast?.weight == .warning)
    #expect(harness.dashboard.model.lanes[1].value(of: .learningRate) == .number(3e-3))
    #expect(harness.screen().contains("refused: the lane is testing"))
    #expect(harness.dashboard.model.log.last?.text == "refused: the lane is testing")
  }

  @Test func undoGoesBackThroughTheChanges() {
    var harness = Harness.training(60)
    harness.command("set binary.learningRate 3e-4")
    harness.command("set learningRate 1e-4")
    harness.train(20)
    harness.press(.character("u"))
    harness.poll()
    #expect(harness.dashboard.model.lanes.map { $0.value(of: .learningRate) } == [.number(1e-3), .number(3e-4)])
    harness.press(.character("u"))
    harness.poll()
    #expect(harness.dashboard.model.lanes.map { $0.value(of: .learningRate) } == [.number(1e-3), .number(3e-3)])
    let sent = harness.engine.commands.count
    harness.press(.character("u"))
    #expect(harness.engine.commands.count == sent)
    #expect(harness.dashboard.toast?.text == "nothing to undo")
  }

  @Test func redoDoesAgainWhatUndoTookBack() {
    var harness = Harness.training(60)
    func rates() -> [HyperparameterValue?] { harness.dashboard.model.lanes.map { $0.value(of: .learningRate) } }
    harness.command("set binary.learningRate 3e-4")
    harness.command("set learningRate 1e-4")
    harness.press(.character("u"), .character("u"))
    harness.poll()
    #expect(rates() == [.number(1e-3), .number(3e-3)])
    harness.train(20)
    let before = harness.dashboard.model.lanes[1].journal.count
    harness.press(.control("r"))
    harness.poll()
    #expect(rates() == [.number(1e-3), .number(3e-4)])
    harness.press(.character("U"))
    harness.poll()
    #expect(rates() == [.number(1e-4), .number(1e-4)])
    // It is an ordinary change, with a journal entry and a mark.
    let entries = harness.dashboard.model.lanes[1].journal.dropFirst(before)
    #expect(entries.map(\.step) == [80, 80])
    harness.press(.character("U"))
    #expect(harness.dashboard.toast?.text == "nothing to redo")
    // A redone change can be undone again.
    harness.press(.character("u"))
    harness.poll()
    #expect(rates() == [.number(1e-3), .number(3e-4)])
    // A new change ends redo.
    harness.command("set binary.momentum 0.5")
    harness.command("set binary.learningRate 2e-3")
    let sent = harness.engine.commands.count
    harness.press(.character("U"))
    #expect(harness.engine.commands.count == sent && harness.dashboard.toast?.text == "nothing to redo")
  }

  @Test func aValueSetToItselfChangesNothing() {
    var harness = Harness.training(60)
    var sent = harness.engine.commands.count
    harness.command("set binary.learningRate 3e-3")
    #expect(harness.engine.commands.count == sent)
    #expect(harness.dashboard.toast?.text == "learning rate is already 3e-3: unchanged")
    // The command is sent only to lanes with another value.
    harness.command("set learningRate 0.003")
    #expect(harness.engine.commands.last == .set(.learningRate, .number(3e-3), .lane("baseline")))
    sent = harness.engine.commands.count
    // Changed and changed back before the pause after the last key.
    harness.wait(10)
    harness.press(.right, .left)
    harness.wait(1)
    #expect(harness.engine.commands.count == sent && harness.dashboard.model.lanes[1].journal.isEmpty)
    // The same change by another client makes no mark.
    harness.engine.perform(.set(.learningRate, .number(3e-3), .lane("binary")), origin: "somebody")
    harness.train(100)
    // The baseline's two charts have the mark of its change; the binary lane's have none.
    #expect(harness.dashboard.model.lanes[1].journal.count == 1)
    #expect(harness.screen(200, 60).components(separatedBy: "lr 3e-3").count == 3)
  }

  @Test func aDraftBackToTheOldValueIsSentWhileTheNewOneIsOnItsWay() {
    var harness = Harness(answersAtOnce: false)
    harness.engine.makeReady()
    harness.train(40)
    harness.press(.tab, .tab, .right)
    harness.wait(1)
    harness.press(.left)
    harness.wait(1)
    #expect(harness.engine.commands.last == .set(.learningRate, .number(3e-3), .lane("binary")))
  }

  @Test func theTableSaysThatMoreLanesOrRowsFollow() {
    var harness = Harness(Fixture(laneCount: 6))
    harness.engine.makeReady()
    harness.train(40)
    let first = harness.screen(76, 40)
    #expect(first.contains("more lanes ›") && !first.contains("‹ 1 more lanes") && first.contains("↓"))
    harness.press(.backTab)
    harness.command("down epochs")
    let last = harness.screen(76, 40)
    #expect(last.contains("‹") && last.contains("more lanes") && !last.contains("more lanes ›") && last.contains("↑"))
    #expect(harness.screen(80, 24).contains("↑"))
    // No note if everything fits.
    #expect(!Harness.screenOfAPair(200, 60).contains("more"))
  }

  @Test func undoDropsADraftFirst() {
    var harness = Harness.training(60)
    let sent = harness.engine.commands.count
    harness.press(.right, .character("u"))
    harness.wait(1)
    #expect(harness.engine.commands.count == sent)
    harness.press(.right, .escape)
    harness.wait(1)
    #expect(harness.engine.commands.count == sent)
  }

  @Test func atTheEndOfTheRangeTheArrowSaysSo() {
    var harness = Harness.training(60)
    harness.command("set learningRate 10")
    let sent = harness.engine.commands.count
    harness.press(.right)
    harness.wait(1)
    #expect(harness.engine.commands.count == sent)
    harness.press(.right)
    #expect(harness.dashboard.toast?.text == "learning rate: a number from 1e-9 to 10")
  }

  @Test func aChoiceIsSteppedAndTyped() {
    var harness = Harness.training(60)
    harness.command("down binarization")
    harness.press(.right)
    harness.wait(1)
    #expect(harness.engine.commands.last == .set(.binarization, .word("stochastic"), .lane("binary")))
    harness.press(.enter)
    harness.type("d")
    harness.press(.tab, .enter)
    #expect(harness.engine.commands.last == .set(.binarization, .word("deterministic"), .lane("binary")))
  }

  @Test func everyChangeIsMarkedOnEveryChartOfItsLane() {
    var harness = Harness.training(500)
    harness.width = 200
    harness.height = 60
    harness.command("set binary.learningRate 3e-4")
    harness.train(300)
    harness.wait(20)
    let frame = harness.frame()
    let marker = GlyphSet.braille.marker
    let columns = { (range: Range<Int>) -> Set<Int> in
      Set(
        range.filter { x in
          (2..<40).contains { y in
            frame[x, y].glyph == marker && frame[x, y].style.foreground == Theme.standard[.warning]
          }
        })
    }
    #expect(columns(0..<100).isEmpty)
    // One column, the same in the loss and the accuracy chart, with its label in both.
    let marked = columns(100..<200)
    #expect(marked.count == 1)
    let x = marked.first ?? 0
    let accuracyRow = (2..<40).first { y in rowText(frame, y, from: 100).contains("accuracy") } ?? 0
    #expect((3..<accuracyRow).contains { frame[x, $0].glyph == marker })
    #expect((accuracyRow + 1..<accuracyRow + 14).contains { frame[x, $0].glyph == marker })
    #expect(harness.screen().components(separatedBy: "lr 3e-4").count == 3)
    // And on the charts of the other screens.
    harness.press(.character("2"))
    #expect(harness.screen().components(separatedBy: "lr 3e-4").count == 3)
    harness.press(.character("3"))
    #expect(harness.screen().components(separatedBy: "lr 3e-4").count >= 4)
  }

  private func rowText(_ frame: Frame, _ y: Int, from x: Int) -> String {
    String(String.UnicodeScalarView((x..<frame.width).map { frame[$0, y].glyph }))
  }
}
