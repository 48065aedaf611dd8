import Dashboard
import EngineProtocol
import Foundation
import TerminalUI
import Testing

/// The table of screens, and each screen drawn without a dashboard.
@Suite struct LiveViewTests {
  // MARK: Derived from the table

  @Test func everyScreenHasATabAKeyACommandAndHelp() throws {
    let tabs = LiveViews.all.map { $0.tab }
    #expect(Set(tabs.map(\.action)).count == tabs.count && Set(tabs.map(\.key)).count == tabs.count)
    for tab in tabs {
      var harness = Harness.training(60)
      // From another screen, by a click on the drawn tab.
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
    // The lowest screen that has tabs.
    let row = harness.screen(44, 14).split(separator: "\n")[1] + " "
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
      // A screen may ask for what it shows, but steers nothing.
      let requests = view.refresh(context)
      #expect(
        requests.allSatisfy { request in
          switch request {
          case .send(.packLane), .send(.classifyLane), .send(.answerImage), .send(.inspectLane), .send(.readWeights):
            true
          default: false
          }
        } && !view.isMaximised)
    }
  }

  @Test func theJournalFiltersAndScrolls() {
    let context = context(2000)
    var journal = JournalView()
    #expect(text(&journal, context, 80, 6).contains("epoch 3"))
    #expect(journal.isUseful(.last, context) == false)
    #expect(journal.scroll(.first, context) == [] && !text(&journal, context, 80, 6).contains("epoch 3"))
    #expect(journal.isUseful(.last, context) == true)
    #expect(journal.take(MouseEvent(.wheelDown, x: 3, y: 3), on: nil, context) == [])
    #expect(text(&journal, context, 80, 6).contains("epoch 1"))
    guard case .type(let prompt, let typed, _)? = journal.perform(Invocation(.filter), context).first else {
      Issue.record("nothing is typed")
      return
    }
    #expect(prompt == "/" && typed.isEmpty)
    #expect(journal.take("epoch 2", .changed) == [])
    #expect(text(&journal, context).contains("2 lines"))
    #expect(journal.take("", .cancelled) == [])
    #expect(journal.filter.isEmpty && journal.back(context) == nil)
    #expect(journal.perform(Invocation(.filter, "nothing at all"), context) == [])
    #expect(text(&journal, context).contains("no matching lines") && journal.back(context) == [])
    #expect(journal.filter.isEmpty)
  }

  @Test func theJournalShowsWholeFigures() {
    let context = context(2000)
    for width in 60...100 {
      var journal = JournalView()
      let lines = text(&journal, context, width, 8).split(separator: "\n").filter { $0.contains("epoch") }
      #expect(!lines.isEmpty && lines.allSatisfy { !$0.contains("…") }, "\(width)")
    }
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
    #expect(
      flips.scroll(.down, context) == nil && flips.scroll(.up, context) == nil && flips.scroll(.pageDown, context) == []
    )
    let next = text(&flips, context, 100, 8)
    #expect(first.contains("more below") && first != next)
    #expect(flips.take(MouseEvent(.wheelUp, x: 3, y: 3), on: nil, context) == [])
    #expect(flips.take(MouseEvent(.press, x: 3, y: 3), on: nil, context) == nil)
  }

  @Test func lanesThatDoNotFitAreOnOtherPages() {
    var lanes = LanesView()
    let area = Rect(x: 0, y: 0, width: 80, height: 14)
    let first = context(60, Fixture(laneCount: 5))
    #expect(lanes.notes(in: area, first) == ["lanes 1–2 of 5, tab for more", "lanes 1–2 of 5"])
    let last = context(60, Fixture(laneCount: 5), focus: .lane(4))
    #expect(lanes.notes(in: area, last).first == "lane 5 of 5, tab for more")
    lanes.maximise()
    #expect(lanes.notes(in: area, last).first == "lane 5 of 5, tab for more")
    #expect(lanes.notes(in: Rect(x: 0, y: 0, width: 250, height: 80), first).first == "lane 1 of 5, tab for more")
  }
}

/// A screen that makes all possible requests.
private struct ProbeView: LiveView {
  static let tab = ViewTab(Action("probe"), key: .character("9"), help: "Asks.")
  var isMaximised = false
  var asked = 0
  var checkpoints: [Int] = []
  var places: [Int?] = []
  var typed: [String] = []

  mutating func draw(in area: Rect, _ context: ViewContext, on painter: inout Painter) {
    painter.text("probe of \(context.lanes[context.focusedLane ?? 0].name)", x: area.x, y: area.y)
    painter.hits.add(area.inset(top: 1), .place(7))
  }

  // Requested once, as events are frequent.
  mutating func refresh(_ context: ViewContext) -> [ViewRequest] {
    asked += 1
    return asked == 1 ? [.send(.checkpoint(.lane(context.lanes[0].name)))] : []
  }

  mutating func take(_ event: EngineEvent) {
    if case .checkpointed(let checkpoint) = event { checkpoints.append(checkpoint.step) }
  }

  mutating func take(_ mouse: MouseEvent, on place: Int?, _ context: ViewContext) -> [ViewRequest]? {
    guard mouse.kind == .press else { return nil }
    places.append(place)
    return [
      .focus(.lane(1)), .say("clicked", .good), .perform(Invocation(.zoomIn)),
      .type(prompt: "what ", text: "a", help: "any words"),
    ]
  }

  mutating func take(_ text: String, _ stage: TypingStage) -> [ViewRequest] {
    typed.append("\(stage) \(text)")
    return stage == .entered ? [.ask("Sure?", "It is \(text).", .checkpoint(.all))] : []
  }
}

/// Requests of a screen are executed.
@Suite struct ViewRequestTests {
  private func live() -> (Dashboard, FakeEngine, sent: [Effect]) {
    let engine = FakeEngine()
    engine.send(.start(.init(source: .preset("fashion-quick"))))
    engine.makeReady()
    engine.train(40)
    var dashboard = Dashboard(
      beginning: .watching, theme: .standard, themeName: "signflip", library: ThemeLibrary(searchPath: []),
      views: [ProbeView.self] + LiveViews.all)
    var effects: [Effect] = []
    for _ in 0..<3 {
      let new = dashboard.consume(engine.events(after: dashboard.model.cursor), engine.snapshot(), now: 0)
      for case .send(let command, let id) in new { engine.send(command, as: id) }
      effects += new
    }
    return (dashboard, engine, effects)
  }

  private func probe(_ dashboard: Dashboard) throws -> ProbeView { try #require(dashboard.live.view(ProbeView.self)) }

  @Test func itAsksTheEngineOnceAndGetsTheAnswer() throws {
    let (dashboard, _, sent) = live()
    #expect(sent == [.send(.checkpoint(.lane("baseline")), CommandID(1))])
    #expect(try probe(dashboard).checkpoints == [40])
  }

  @Test func aClickOnAPlaceIsAnsweredByWhatItAsksFor() throws {
    var (dashboard, _, _) = live()
    #expect(FrameText.plain(dashboard.render(width: 120, height: 40)).contains("probe of baseline"))
    let effects = dashboard.handle(.mouse(MouseEvent(.press, x: 5, y: 8)), now: 1)
    #expect(try probe(dashboard).places == [7] && effects == [])
    #expect(dashboard.live.focus == .lane(1) && dashboard.live.chart.window != nil)
    #expect(dashboard.toast?.text == "clicked" && dashboard.overlay is LineEntry)
    _ = dashboard.handle(.key(.character("b")), now: 2)
    let screen = FrameText.plain(dashboard.render(width: 120, height: 40))
    #expect(screen.contains("what ab") && screen.contains("any words") && screen.contains("probe of binary"))
    _ = dashboard.handle(.key(.enter), now: 3)
    #expect(try probe(dashboard).typed == ["changed ab", "entered ab"])
    // What it asks for in return: a question, to which enter is no.
    let question = try #require(dashboard.overlay as? Question)
    #expect(question.question == "Sure?" && question.explanation == "It is ab." && question.chosen == .no)
    #expect(dashboard.handle(.key(.enter), now: 4) == [] && dashboard.overlay == nil)
    _ = dashboard.render(width: 120, height: 40)
    _ = dashboard.handle(.mouse(MouseEvent(.press, x: 5, y: 8)), now: 5)
    _ = dashboard.handle(.key(.enter), now: 6)
    let sent = dashboard.handle(.key(.character("y")), now: 7)
    #expect(sent.count == 1 && dashboard.overlay == nil)
    guard case .send(.checkpoint(.all), _)? = sent.first else {
      Issue.record("nothing is sent")
      return
    }
  }

  @Test func theWheelZoomsWhereAScreenDoesNotTakeIt() {
    var (dashboard, _, _) = live()
    _ = dashboard.render(width: 120, height: 40)
    _ = dashboard.handle(.mouse(MouseEvent(.wheelUp, x: 5, y: 8)), now: 1)
    #expect(dashboard.live.chart.window == 20)
  }

  @Test func aScreenThatIsNotShownStillHears() throws {
    var (dashboard, engine, _) = live()
    _ = dashboard.handle(.key(.character("2")), now: 1)
    let asked = try probe(dashboard).asked
    engine.train(10)
    engine.checkpoint()
    _ = dashboard.consume(engine.events(after: dashboard.model.cursor), engine.snapshot(), now: 2)
    #expect(try probe(dashboard).checkpoints.suffix(2) == [50, 50] && probe(dashboard).asked == asked)
    // Esc returns to the first screen.
    _ = dashboard.handle(.key(.escape), now: 20)
    _ = dashboard.handle(.key(.escape), now: 21)
    #expect(dashboard.live.screen == ProbeView.tab.action)
  }
}
