package import EngineProtocol
package import TerminalUI

/// A screen of a training. All that belongs to it stands in its own file; `LiveViews` lists the screens, and from that
/// list follow tabs, keys, `:` commands, help, hints and clicks.
///
/// A view is a value with the state that is its own: where it is scrolled to, what is chosen in it. It sees a
/// `ViewContext` and a `Painter`, and asks for the rest by `ViewRequest`, so that it is tested without a dashboard: draw it
/// into a frame and compare the text.
package protocol LiveView: Sendable {
  /// What it is called, and how it is shown.
  static var tab: ViewTab { get }
  /// Its own actions, beside the one that shows it.
  static var actions: [ActionDefinition] { get }

  /// The view as it is before anybody has looked at it.
  init()

  /// What its charts have, and so which actions on charts mean something.
  var charts: ChartKinds { get }
  /// Whether one part of it has the screen alone.
  var isMaximised: Bool { get set }
  /// Gives the next part of it the screen alone; after the last one all parts share it again.
  mutating func maximise()
  /// What `maximise` would do now, for the hints; nil for just that.
  var maximiseTitle: String? { get }
  /// Whether the newest lines of the journal are wanted beside the hyperparameters.
  var showsJournal: Bool { get }

  /// Whether it has room to be useful; where it has none, the lanes are shown in a line each.
  func fits(_ layout: LiveLayout) -> Bool
  /// What to say beside the tabs: that there is more than fits, for instance.
  func note(in area: Rect, _ context: ViewContext) -> String?
  /// Draws the view. Where the painter draws charts only, all else stands as it was drawn before.
  mutating func draw(in area: Rect, _ context: ViewContext, on painter: inout Painter)

  /// Scrolls, where there is something to scroll.
  /// - Returns: whether it takes the keys for it; else they choose a hyperparameter.
  mutating func scroll(_ move: ListMove) -> Bool
  /// Takes what the mouse does over it.
  /// - Parameter place: what was clicked, by the number that the view gave it when it was drawn.
  /// - Returns: what follows; nil where the mouse means here what it means everywhere, zooming with the wheel.
  mutating func take(_ mouse: MouseEvent, on place: Int?, _ context: ViewContext) -> [ViewRequest]?
  /// Does one of its own actions.
  mutating func perform(_ invocation: Invocation, _ context: ViewContext) -> [ViewRequest]
  /// Takes text that is typed at the foot of the screen, as `ViewRequest.type` asked for.
  mutating func take(_ text: String, _ stage: TypingStage)
  /// Goes one layer out: drops what was chosen or filtered.
  /// - Returns: whether there was something to drop.
  mutating func back() -> Bool
  /// Takes what the engine tells, shown or not; the model has taken it already.
  mutating func take(_ event: EngineEvent)
  /// Is shown from now on, or news has come while it is shown: what it needs of the engine is asked for here.
  mutating func refresh(_ context: ViewContext) -> [ViewRequest]

  /// Whether an action does something in it as it is; nil where the view says nothing about that.
  func isUseful(_ action: Action, _ context: ViewContext) -> Bool?
  /// Adds the hints that matter most here.
  func addHints(to list: inout HintList, _ context: ViewContext)
}

extension LiveView {
  package static var actions: [ActionDefinition] { [] }
  package var charts: ChartKinds { [] }
  package mutating func maximise() { isMaximised.toggle() }
  package var maximiseTitle: String? { isMaximised ? "all panels" : nil }
  package var showsJournal: Bool { true }
  package func fits(_ layout: LiveLayout) -> Bool {
    layout.body.width >= Self.tab.smallestWidth && layout.body.height >= Self.tab.smallestHeight
  }
  package func note(in area: Rect, _ context: ViewContext) -> String? { nil }
  package mutating func scroll(_ move: ListMove) -> Bool { false }
  package mutating func take(_ mouse: MouseEvent, on place: Int?, _ context: ViewContext) -> [ViewRequest]? { nil }
  package mutating func perform(_ invocation: Invocation, _ context: ViewContext) -> [ViewRequest] { [] }
  package mutating func take(_ text: String, _ stage: TypingStage) {}
  package mutating func back() -> Bool { false }
  package mutating func take(_ event: EngineEvent) {}
  package mutating func refresh(_ context: ViewContext) -> [ViewRequest] { [] }
  package func isUseful(_ action: Action, _ context: ViewContext) -> Bool? { nil }
  package func addHints(to list: inout HintList, _ context: ViewContext) {
    guard list.isUseful(.edit) else { return }
    list.add(.up, .down, "choose")
    list.add(.decrease, .increase, "change")
    list.add(.edit)
    list.add(.lane)
  }
}

/// How a view is called and shown.
package struct ViewTab: Hashable, Sendable {
  /// The action that shows it; its `:` command and the tab's title are its name.
  package let action: Action
  /// The key that shows it.
  package let key: Key
  /// One line for the help.
  package let help: String
  /// The columns and rows below which it is of no use.
  package let smallestWidth: Int
  package let smallestHeight: Int

  /// The tab of a view.
  package init(_ action: Action, key: Key, help: String, smallestWidth: Int = 24, smallestHeight: Int = 3) {
    self.action = action
    self.key = key
    self.help = help
    self.smallestWidth = smallestWidth
    self.smallestHeight = smallestHeight
  }

  /// What stands in the tab.
  package var title: String { action.rawValue }
}

/// What a view may see.
package struct ViewContext: Sendable {
  /// What the engine has told; of a frozen picture, what it had told then.
  package let model: DashboardModel
  /// Which lanes are chosen.
  package let focus: Focus
  /// How charts are looked at.
  package let chart: ChartView
  /// The steps that charts show.
  package let steps: ClosedRange<Double>
  /// The values that charts of all lanes show.
  package let ranges: SharedRanges
  /// Which key does what.
  package let keyMap: KeyMap
  /// Whether there is an engine that does what it is asked.
  package let canSteer: Bool

  /// What there is to see of a model.
  /// - Parameter before: the values that the charts of the frame before have shown.
  package init(
    _ model: DashboardModel, focus: Focus = .all, chart: ChartView = ChartView(), keyMap: KeyMap = KeyMap(),
    canSteer: Bool = true, before: SharedRanges? = nil
  ) {
    self.model = model
    self.focus = focus
    self.chart = chart
    self.keyMap = keyMap
    self.canSteer = canSteer
    let lanes = model.lanes
    let planned =
      lanes.compactMap { $0.snapshot.map { $0.epochs.multipliedReportingOverflow(by: $0.stepsPerEpoch) } }
      .map { $0.overflow ? Int.max : $0.partialValue }.max() ?? 0
    steps = chart.range(
      lastStep: lanes.map(\.step).max() ?? 0, plannedStep: planned, ghostStep: lanes.map(\.lastDrawnStep).max() ?? 0)
    ranges = SharedRanges(lanes: lanes, steps: steps, scale: chart.lossScale, before: before)
  }

  /// The lanes.
  package var lanes: [LaneModel] { model.lanes }
  /// The place of the lane in focus; nil where all are.
  package var focusedLane: Int? {
    if case .lane(let index) = focus, !lanes.isEmpty { min(index, lanes.count - 1) } else { nil }
  }
}

/// What a view asks of the dashboard.
package enum ViewRequest: Hashable, Sendable {
  /// Ask the engine for something; `LiveView.take` gets its events.
  case send(EngineCommand)
  /// Say something at the foot of the screen.
  case say(String, LogEntry.Weight)
  /// Let the person type a line, beginning with `text`; `LiveView.take` gets it.
  case type(prompt: String, text: String, help: String)
  /// Choose lanes.
  case focus(Focus)
  /// Do an action of the dashboard.
  case perform(Invocation)
  /// Put a text on the clipboard.
  case copy(String)
}

/// How far a line is that is typed for a view.
package enum TypingStage: Hashable, Sendable { case changed, entered, cancelled }

/// What a view's charts have.
package struct ChartKinds: OptionSet, Hashable, Sendable {
  package let rawValue: Int
  package init(rawValue: Int) { self.rawValue = rawValue }

  /// An axis of steps: zoom and cursor mean something.
  package static let steps = ChartKinds(rawValue: 1)
  /// Losses: their scale means something.
  package static let losses = ChartKinds(rawValue: 2)
}
