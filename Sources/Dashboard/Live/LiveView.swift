package import EngineProtocol
package import TerminalUI

/// A screen of a training, in a file of its own. `LiveViews` lists the screens; tabs, keys, `:` commands, help, hints
/// and clicks are derived from that list.
///
/// A view is a value with its own state, such as its scroll position. It reads a `ViewContext`, draws with a `Painter`,
/// and returns what it wants done as `ViewRequest` values. So it can be tested without a dashboard, by drawing it into
/// a frame and comparing the text.
package protocol LiveView: Sendable {
  /// Its title, key and help.
  static var tab: ViewTab { get }
  /// Its own actions, besides the one that shows it.
  static var actions: [ActionDefinition] { get }

  /// The view in its initial state.
  init()

  /// The kinds of charts it has, which determine the available actions on charts.
  var charts: ChartKinds { get }
  /// What its charts over steps show of a lane, which `:copy charts` copies.
  func chartedQuantities(of lane: LaneModel, _ chart: ChartView) -> [ChartQuantity]
  /// Whether one part of it is shown alone.
  var isMaximised: Bool { get set }
  /// Shows the next part alone; after the last one, all parts again.
  mutating func maximise()
  /// The effect of `maximise` for the hints; nil for “maximise”.
  var maximiseTitle: String? { get }
  /// Whether to show the newest lines of the journal beside the hyperparameters.
  var showsJournal: Bool { get }

  /// Returns whether it has enough room; otherwise the lanes are shown in one line each.
  func fits(_ layout: LiveLayout) -> Bool
  /// Returns a note beside the tabs, for example that not all lanes fit, in progressively shorter forms.
  func notes(in area: Rect, _ context: ViewContext) -> [String]
  /// Draws the view. If `painter.isChartsOnly`, only points are new: draw the charts over the last frame, and nothing
  /// else.
  mutating func draw(in area: Rect, _ context: ViewContext, on painter: inout Painter)

  /// Scrolls.
  /// - Returns: the view's requests; nil if it does not use these keys, so that they select a hyperparameter.
  mutating func scroll(_ move: ListMove, _ context: ViewContext) -> [ViewRequest]?
  /// Handles a mouse event over the view.
  /// - Parameter place: the number of the element under the mouse, as registered with `HitMap.Target.place`.
  /// - Returns: the view's requests; nil if the event has its general meaning, such as zooming with the wheel.
  mutating func take(_ mouse: MouseEvent, on place: Int?, _ context: ViewContext) -> [ViewRequest]?
  /// Performs one of its own actions.
  mutating func perform(_ invocation: Invocation, _ context: ViewContext) -> [ViewRequest]
  /// Handles text typed in the footer after `ViewRequest.type`.
  mutating func take(_ text: String, _ stage: TypingStage) -> [ViewRequest]
  /// Handles esc: cancels a selection, a filter or work of the engine.
  /// - Returns: the view's requests; nil if there was nothing to cancel.
  mutating func back(_ context: ViewContext) -> [ViewRequest]?
  /// Handles an event of the engine, whether the view is shown or not. The model has been updated before.
  mutating func take(_ event: EngineEvent)
  /// Called when the view is shown, and then whenever the run has progressed, up to 20 times a second.
  /// - Returns: requests for data from the engine.
  mutating func refresh(_ context: ViewContext) -> [ViewRequest]

  /// The selected lane and step, with which notes, rewinds and forks begin; nil if none is selected.
  func moment(_ context: ViewContext) -> Moment?
  /// Returns whether an action currently has an effect in this view; nil if the general rule applies.
  func isUseful(_ action: Action, _ context: ViewContext) -> Bool?
  /// Adds the most important hints of this view.
  func addHints(to list: inout HintList, _ context: ViewContext)
}

extension LiveView {
  package static var actions: [ActionDefinition] { [] }
  package var charts: ChartKinds { [] }
  package func chartedQuantities(of lane: LaneModel, _ chart: ChartView) -> [ChartQuantity] { [] }
  package mutating func maximise() { isMaximised.toggle() }
  package var maximiseTitle: String? { isMaximised ? "all panels" : nil }
  package var showsJournal: Bool { true }
  package func fits(_ layout: LiveLayout) -> Bool {
    layout.body.width >= Self.tab.smallestWidth && layout.body.height >= Self.tab.smallestHeight
  }
  package func notes(in area: Rect, _ context: ViewContext) -> [String] { [] }
  package mutating func scroll(_ move: ListMove, _ context: ViewContext) -> [ViewRequest]? { nil }
  package mutating func take(_ mouse: MouseEvent, on place: Int?, _ context: ViewContext) -> [ViewRequest]? { nil }
  package mutating func perform(_ invocation: Invocation, _ context: ViewContext) -> [ViewRequest] { [] }
  package mutating func take(_ text: String, _ stage: TypingStage) -> [ViewRequest] { [] }
  package mutating func back(_ context: ViewContext) -> [ViewRequest]? { nil }
  package mutating func take(_ event: EngineEvent) {}
  package mutating func refresh(_ context: ViewContext) -> [ViewRequest] { [] }
  package func moment(_ context: ViewContext) -> Moment? { nil }
  package func isUseful(_ action: Action, _ context: ViewContext) -> Bool? { nil }
  package func addHints(to list: inout HintList, _ context: ViewContext) {
    guard list.isUseful(.edit) else { return }
    list.add(.up, .down, "choose")
    list.add(.decrease, .increase, "change")
    list.add(.edit)
    list.add(.lane)
  }
}

/// A step of a lane.
package struct Moment: Hashable, Sendable {
  /// The lane's name.
  package var lane: String
  /// The branch; nil for the current history.
  package var branch: Int?
  /// Updates done.
  package var step: Int

  /// A step of a lane.
  package init(lane: String, branch: Int? = nil, step: Int) {
    (self.lane, self.branch, self.step) = (lane, branch, step)
  }
}

/// The title, key and help of a view.
package struct ViewTab: Hashable, Sendable {
  /// The action that shows it, whose name is the `:` command and the tab's title.
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

  /// The text of the tab.
  package var title: String { action.rawValue }
}

/// The state that a view can access.
package struct ViewContext: Sendable {
  /// The run as received from the engine, or as it was when the picture was frozen.
  package let model: DashboardModel
  /// The lanes in focus.
  package let focus: Focus
  /// The settings of charts.
  package let chart: ChartView
  /// The visible steps of charts.
  package let steps: ClosedRange<Double>
  /// The horizontal axis of charts.
  package let axis: ChartAxis
  /// The value ranges of charts, the same for all lanes.
  package let ranges: SharedRanges
  /// The keys of actions.
  package let keyMap: KeyMap
  /// Whether there is an engine that accepts commands; false for a recording.
  package let canSteer: Bool
  /// Whether questions about lanes are answered, by an engine or from a recorded run's checkpoints.
  package let canAsk: Bool

  /// The context of a model.
  /// - Parameter before: the value ranges of the last frame.
  package init(
    _ model: DashboardModel, focus: Focus = .all, chart: ChartView = ChartView(), keyMap: KeyMap = KeyMap(),
    canSteer: Bool = true, canAsk: Bool = true, before: SharedRanges? = nil
  ) {
    self.model = model
    self.focus = focus
    self.chart = chart
    self.keyMap = keyMap
    self.canSteer = canSteer
    self.canAsk = canAsk
    steps = Self.steps(model.lanes, chart)
    axis = ChartAxis(chart.axis, model.lanes, steps: steps)
    ranges = SharedRanges(lanes: model.lanes, steps: steps, scale: chart.lossScale, before: before)
  }

  /// The visible steps of the lanes' charts.
  static func steps(_ lanes: [LaneModel], _ chart: ChartView) -> ClosedRange<Double> {
    let planned =
      lanes.compactMap { $0.snapshot.map { $0.epochs.multipliedReportingOverflow(by: $0.stepsPerEpoch) } }
      .map { $0.overflow ? Int.max : $0.partialValue }.max() ?? 0
    return chart.range(
      lastStep: lanes.map(\.step).max() ?? 0, plannedStep: planned, ghostStep: lanes.map(\.lastDrawnStep).max() ?? 0)
  }

  /// The lanes.
  package var lanes: [LaneModel] { model.lanes }
  /// The index of the lane in focus; nil if all are in focus.
  package var focusedLane: Int? {
    if case .lane(let index) = focus, !lanes.isEmpty { min(index, lanes.count - 1) } else { nil }
  }
  /// The index of the lane that a screen of one lane shows: the one in focus, else the first binary one.
  package var chosenLane: Int { focusedLane ?? lanes.firstIndex { $0.description.isBinary } ?? 0 }
}

/// A request of a view to the dashboard.
package enum ViewRequest: Hashable, Sendable {
  /// Send a command to the engine; its events are passed to `LiveView.take`.
  case send(EngineCommand)
  /// Show a message in the footer.
  case say(String, LogEntry.Weight)
  /// Let the user type a line, starting with `text`; it is passed to `LiveView.take`.
  case type(prompt: String, text: String, help: String)
  /// Ask a question with an explanation; if the answer is yes, send the command to the engine.
  case ask(String, String, EngineCommand)
  /// Set the focus.
  case focus(Focus)
  /// Perform an action of the dashboard.
  case perform(Invocation)
  /// Open a canvas of this size in pixels.
  case openBoard(width: Int, height: Int)
  /// Move the charts' cursor to a step, and show so many steps around it.
  case showSteps(around: Int, count: Int)
  /// Set a hyperparameter of the lanes in focus.
  case setValue(Hyperparameter, HyperparameterValue, Focus)
}

/// The state of typing a line.
package enum TypingStage: Hashable, Sendable { case changed, entered, cancelled }

/// The kinds of charts in a view.
package struct ChartKinds: OptionSet, Hashable, Sendable {
  package let rawValue: Int
  package init(rawValue: Int) { self.rawValue = rawValue }

  /// Charts over steps, with zoom and cursor.
  package static let steps = ChartKinds(rawValue: 1)
  /// Charts of losses, with a linear or logarithmic scale.
  package static let losses = ChartKinds(rawValue: 2)
}
