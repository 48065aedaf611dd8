import Dashboard
import EngineProtocol
import Foundation
import TerminalUI
import Testing

/// The table of screens, and each screen drawn without a dashboard.
@Suite struct LiveViewTests {
  // MARK: What follows from the table

  @Test func everyScreenHasATabAKeyACommandAndHelp() throws {
    let tabs = LiveViews.all.map { $0.tab }
    #expect(Set(tabs.map(\.action)).count == tabs.count && Set(tabs.map(\.key)).count == tabs.count)
    for tab in tabs {
      var harness = Harness.training(60)
      // From another screen, with the tabs as they were drawn.
      harness.press(tab == tabs[0] ? tabs[1].key : tabs[0].key)
      let tabRow = try #require(harness.screen().split(separator: "\n").dropFirst().first)
      #expect(tabRow.contains("\(tab.key.label) \(tab.title)"))
      var byCommand = harness
      var byMouse = harness
      harness.press(tab.key)
      #expect(harness.dashboard.live.screen == tab.action)
      byCommand.command(tab.title)
      #expect(byCommand.dashboard.live.screen == tab.action)
      let column = try #require(
        tabRow.range(of: tab.title).map { tabRow.distance(from: tabRow.startIndex, to: $0.lowerBound) })
      byMouse.mouse(.press, x: column, y: 1)
      #expect(byMouse.dashboard.live.screen == tab.action)
      harness.press(.character("?"))
      harness.type(tab.help)
      #expect(harness.screen(140, 50).contains(":\(tab.title)"))
    }
  }

  @Test func tabsThatDoNotFitKeepTheirKeys() {
    var harness = Harness.training(60)
    harness.press(.character("3"))
    // The lowest screen that has tabs at all.
    let row = harness.screen(44, 14).split(separator: "\n")[1]
    #expect(LiveViews.all.allSatisfy { row.contains(" \($0.tab.key.label) ") } && row.contains("3 flips"))
  }

  // MARK: Screens by themselves

  private func context(_ steps: Int = 1200, _ fixture: Fixture = .pair, focus: Focus = .all) -> ViewContext {
    ViewContext(Harness.training(steps, fixture).dashboard.model, focus: focus)
  }

  private func text(_ view: inout some LiveView, _ context: ViewContext, _ width: Int = 100, _ height: Int = 20)
    -> String
  {
    var painter = Painter(width: width, height: height)
    view.draw(in: painter.frame.bounds, context, on: &painter)
    return FrameText.plain(painter.frame)
  }

  @Test func everyScreenDrawsItselfFromItsContextAlone() {
    let context = context()
    for type in LiveViews.all {
      var painter = Painter(width: 120, height: 40)
      var view = type.init()
      view.draw(in: painter.frame.bounds, context, on: &painter)
      let whole = FrameText.plain(painter.frame)
      #expect(whole.contains("binary"), "\(type)")
      #expect(view.refresh(context).isEmpty && !view.isMaximised)
    }
  }

  @Test func theJournalFiltersAndScrolls() {
    let context = context(2000)
    var journal = JournalView()
    #expect(text(&journal, context, 80, 6).contains("epoch 3"))
    #expect(journal.isUseful(.last, context) == false)
    #expect(journal.scroll(.first) && !text(&journal, context, 80, 6).contains("epoch 3"))
    #expect(journal.isUseful(.last, context) == true)
    #expect(journal.take(MouseEvent(.wheelDown, x: 3, y: 3), on: nil, context) == [])
    #expect(text(&journal, context, 80, 6).contains("epoch 1"))
    guard case .type(let prompt, let typed, _)? = journal.perform(Invocation(.filter), context).first else {
      Issue.record("nothing is typed")
      return
    }
    #expect(prompt == "/" && typed.isEmpty)
    journal.take("epoch 2", .changed)
    #expect(text(&journal, context).contains("2 lines"))
    journal.take("", .cancelled)
    #expect(journal.filter.isEmpty && !journal.back())
    #expect(journal.perform(Invocation(.filter, "nothing at all"), context) == [])
    #expect(text(&journal, context).contains("no line has these words") && journal.back() && journal.filter.isEmpty)
  }

  @Test func compareShowsOneChartThenTheOtherThenBoth() {
    let context = context()
    var compare = CompareView()
    #expect(text(&compare, context).contains("loss") && text(&compare, context).contains("accuracy"))
    compare.maximise()
    #expect(
      compare.isMaximised && compare.maximiseTitle == "accuracy" && !text(&compare, context).contains("accuracy ─"))
    compare.maximise()
    #expect(compare.maximiseTitle == "both charts" && text(&compare, context).contains("╭─ accuracy"))
    compare.maximise()
    #expect(!compare.isMaximised)
  }

  @Test func flipsLeaveTheArrowsToTheHyperparameters() {
    let context = context(focus: .lane(1))
    var flips = FlipsView()
    let first = text(&flips, context, 100, 8)
    #expect(!flips.scroll(.down) && !flips.scroll(.up) && flips.scroll(.pageDown))
    let next = text(&flips, context, 100, 8)
    #expect(first.contains("more below") && first != next)
    #expect(flips.take(MouseEvent(.wheelUp, x: 3, y: 3), on: nil, context) == [])
    #expect(flips.take(MouseEvent(.press, x: 3, y: 3), on: nil, context) == nil)
  }

  @Test func lanesThatDoNotFitAreOnOtherPages() {
    var lanes = LanesView()
    let area = Rect(x: 0, y: 0, width: 80, height: 14)
    let first = context(60, Fixture(laneCount: 5))
    #expect(lanes.note(in: area, first) == "lanes 1–2 of 5, tab for more")
    let last = context(60, Fixture(laneCount: 5), focus: .lane(4))
    #expect(lanes.note(in: area, last) == "lane 5 of 5, tab for more")
    lanes.maximise()
    #expect(lanes.note(in: area, last) == "lane 5 of 5, tab for more")
    #expect(lanes.note(in: Rect(x: 0, y: 0, width: 250, height: 80), first) == "lane 1 of 5, tab for more")
  }
}
