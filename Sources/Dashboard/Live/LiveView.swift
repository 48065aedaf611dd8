package import EngineProtocol
package import TerminalUI

/// A screen of a training, in a file of its own. `LiveViews` lists the screens; tabs, keys, `:` commands, help, hints and
/// clicks follow from that list.
///
/// A view is a value that holds its own state, such as its scroll position. It sees a `ViewContext` and draws with a
/// `Painter`. What it wants done it returns as `ViewRequest` values. So it can be tested without a dashboard: draw it into a
/// frame and compare the text.
package protocol LiveView: Sendable {
  /// What it is called, and how it is shown.
  static var tab: ViewTab { get }
  /// Its own actions, beside the one that shows it.
  static var actions: [ActionDefinition] { get }

  /// The view in its first state.
  init()

  /// What kinds of charts it has: actions on charts are offered only where they have an effect.
  var charts: ChartKinds { get }
  /// Whether one part of it is shown alone.
  var isMaximised: Bool { get set }
  /// Shows the next part alone; after the last one, all parts again.
  mutating func maximise()
  /// What `maximise` does next, for the hints; nil for “maximise”.
  var maximiseTitle: String? { get }
  /// Whether the newest lines of the journal are wanted beside the hyperparameters.
  var showsJournal: Bool { get }

  /// Whether it has room to be useful; where it has none, the lanes are shown in a line each.
  func fits(_ layout: LiveLayout) -> Bool
  /// A note beside the tabs, for example that not all lanes fit.
  func note(in area: Rect, _ context: ViewContext) -> String?
  /// Draws the view. With `painter.isChartsOnly` only points have come: charts are drawn over the last frame, and nothing else.
  mutating func draw(in area: Rect, _ context: ViewContext, on painter: inout Painter)

  /// Scrolls.
  /// - Returns: whether the view uses these keys; if not, they choose a hyperparameter.
  mutating func scroll(_ move: ListMove) -> Bool
  /// Takes a mouse event over the view.
  /// - Parameter place: the number of the place under the mouse, as the view noted it with `HitMap.Target.place`.
  /// - Returns: what the view asks for; nil where the event has its general meaning: the wheel zooms.
  mutating func take(_ mouse: MouseEvent, on place: Int?, _ context: ViewContext) -> [ViewRequest]?
  /// Does one of its own actions.
  mutating func perform(_ invocation: Invocation, _ context: ViewContext) -> [ViewRequest]
  /// Takes text that is typed at the foot of the screen, as `ViewRequest.type` asked for.
  mutating func take(_ text: String, _ stage: TypingStage)
  /// Takes esc: drops a choice or a filter.
  /// - Returns: whether there was one.
  mutating func back() -> Bool
  /// Takes an event of the engine, whether the view is shown or not. The model has taken it before.
  mutating func take(_ event: EngineEvent)
  /// Is called when the view is shown, and then whenever the run has moved on, up to 30 times a second.
  /// - Returns: requests for data that it needs from the engine.
  mutating func refresh(_ context: ViewContext) -> [ViewRequest]

  /// Whether an action has an effect in this view now; nil where the general rule decides.
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
  /// The smallest useful size, in columns and rows.
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
  /// The run as the engine has described it; of a frozen picture, as it was then.
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
  /// Whether there is an engine that answers; false for a recording.
  package let canSteer: Bool

  /// The context of a model.
  /// - Parameter before: the ranges of the last frame.
  package init(
    _ model: DashboardModel, focus: Focus = .all, chart: ChartView = ChartView(), keyMap: KeyMap = KeyMap(),
    canSteer: Bool = true, before: SharedRanges? = nil
  ) {
    self.model = model
    self.focus = focus
    self.chart = chart
    self.keyMap = keyMap
    self.canSteer = canSteer
    steps = Self.steps(model.lanes, chart)
    ranges = SharedRanges(lanes: model.lanes, steps: steps, scale: chart.lossScale, before: before)
  }

  /// The steps that charts of lanes show.
  static func steps(_ lanes: [LaneModel], _ chart: ChartView) -> ClosedRange<Double> {
    let planned =
      lanes.compactMap { $0.snapshot.map { $0.epochs.multipliedReportingOverflow(by: $0.stepsPerEpoch) } }
      .map { $0.overflow ? Int.max : $0.partialValue }.max() ?? 0
    return chart.range(
      lastStep: lanes.map(\.step).max() ?? 0, plannedStep: planned, ghostStep: lanes.map(\.lastDrawnStep).max() ?? 0)
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

/// How far the typing of a line has come.
package enum TypingStage: Hashable, Sendable { case changed, entered, cancelled }

/// What a view's charts have.
package struct ChartKinds: OptionSet, Hashable, Sendable {
  package let rawValue: Int
  package init(rawValue: Int) { self.rawValue = rawValue }

  /// Charts over steps: they have zoom and cursor.
  package static let steps = ChartKinds(rawValue: 1)
  /// Charts of losses: they have a linear or logarithmic scale.
  package static let losses = ChartKinds(rawValue: 2)
}
