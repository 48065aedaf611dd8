package import EngineProtocol
import TerminalUI
import TrainingMetrics

/// The screens of a training and their shared state: focus, chart settings, hyperparameters.
package struct LiveScreen: Sendable {
  private var views: [any LiveView]
  private var place = 0
  /// The lanes that changes apply to.
  package internal(set) var focus = Focus.all
  /// The settings of the charts.
  package internal(set) var chart = ChartView()
  /// The border between charts that the mouse drags; nil for none.
  var drag: PanelDrag?
  /// The selected hyperparameter, which the arrow keys change.
  package internal(set) var hyperparameter = Hyperparameter.learningRate
  /// Pending changes of hyperparameters.
  package internal(set) var editor = KnobEditor()
  /// The model at the time when the picture was frozen; nil if it is not.
  package internal(set) var frozen: DashboardModel?

  /// The view that is shown first, and by `back` at last.
  var home: Action

  /// The screens of these types.
  /// - Parameter home: the one that is shown first; nil for the first one.
  init(_ types: [any LiveView.Type], home: Action? = nil) {
    views = types.map { $0.init() }
    self.home = home ?? types[0].tab.action
    show(self.home)
  }

  /// The tabs, in order.
  var tabs: [ViewTab] { views.map { type(of: $0).tab } }

  /// The shown view.
  package internal(set) var view: any LiveView {
    get { views[place] }
    set { views[place] = newValue }
  }

  /// The action of the shown view.
  package var screen: Action { type(of: view).tab.action }

  /// Returns the view of a type.
  package func view<View: LiveView>(_ type: View.Type) -> View? { views.lazy.compactMap { $0 as? View }.first }

  /// Shows a view, without maximised parts.
  mutating func show(_ screen: Action) {
    place = tabs.firstIndex { $0.action == screen } ?? place
    view.isMaximised = false
  }

  /// Passes an event to every view.
  mutating func take(_ event: EngineEvent) {
    if case .points = event { return }
    for index in views.indices { views[index].take(event) }
  }
}

extension Dashboard {
  /// The newest step of all lanes.
  var lastStep: Int { shown.lanes.map(\.lastDrawnStep).max() ?? 0 }

  // MARK: Views

  /// Shows a view.
  mutating func show(_ screen: Action) {
    live.view.isMaximised = false
    live.show(screen)
    refreshView()
  }

  /// Shows the next part of a view alone.
  mutating func maximise() {
    live.view.maximise()
    refreshView()
  }

  /// Lets a view perform one of its own actions. If the view is not shown, it is shown first.
  mutating func performInView(_ invocation: Invocation) {
    if let owner = ActionTable.definition(of: invocation.action).view, owner != live.screen { show(owner) }
    fulfil(live.view.perform(invocation, viewContext))
  }

  /// Carries out the requests of the shown view.
  mutating func fulfil(_ requests: [ViewRequest]) {
    for request in requests {
      switch request {
      case .send(let command): if !isEngineSilent { send(command) }
      case .say(let text, let weight): say(text, weight)
      case .type(let prompt, let text, let help): open(LineEntry(.view(help: help), prompt: prompt, text: text))
      case .ask(let question, let explanation, let command):
        // What is being typed is not thrown away.
        if overlay == nil {
          open(Question.view(question, explanation, command))
        } else {
          say("\(question) \(explanation)", .warning)
        }
      case .focus(let focus): live.focus = focus
      case .perform(let invocation): perform(invocation)
      case .openBoard(let width, let height): open(DrawingBoard(width: width, height: height))
      case .showSteps(let step, let count): live.chart.show(count, around: step, lastStep: lastStep)
      case .setValue(let key, let value, let focus): set(key, to: value, in: focus)
      }
    }
  }

  /// Scrolls the view, or selects a hyperparameter: the named one, otherwise the next.
  mutating func scroll(_ move: ListMove, to name: String?) {
    if let requests = live.view.scroll(move, viewContext) { return fulfil(requests) }
    if let name { select(name) } else { moveHyperparameter(by: move.rows(page: 1)) }
  }

  // Lets the view request data after the focus has changed.
  private mutating func refreshView() {
    if !model.lanes.isEmpty { fulfil(live.view.refresh(viewContext)) }
  }

  // MARK: Lanes

  /// Focuses all lanes.
  mutating func focusAllLanes() {
    live.focus = .all
    refreshView()
  }

  /// `:lane [LANE]`: focuses the lane, otherwise the next one. All lanes together follow the last one.
  mutating func chooseLane(_ name: String?, direction: Int) {
    let count = model.lanes.count
    guard count > 0 else { return }
    if let name {
      if name == "all" { return focusAllLanes() }
      guard let index = model.index(of: name) else { return say(unknownLane(name), .warning) }
      live.focus = .lane(index)
    } else {
      let place = if case .lane(let index) = live.focus { index } else { count }
      let next = (place + direction + count + 1) % (count + 1)
      live.focus = next == count && count > 1 ? .all : .lane(next % count)
    }
    chooseExistingHyperparameter()
    refreshView()
  }

  // MARK: Charts

  /// Switches the scale of losses.
  mutating func changeLossScale() {
    let isLogarithmic = drawn.memory.ranges?.isAutomaticallyLogarithmic == true
    live.chart.nextLossScale(isAutomaticallyLogarithmic: isLogarithmic)
    switch live.chart.lossScale {
    case .automatic: say("automatic loss scale: \(isLogarithmic ? "logarithmic" : "linear") now")
    case .linear: say("loss on a linear scale")
    case .logarithmic: say("loss on a logarithmic scale")
    }
  }

  /// Moves the charts' cursor by one place, or to a step.
  mutating func moveCursor(_ step: String?, direction: Int) {
    guard let step else { return live.chart.moveCursor(direction: direction, lastStep: lastStep) }
    guard let number = Int(step.filter { $0 != "," }) else {
      return say("cursor: expected a step, found “\(step)”", .warning)
    }
    live.chart.moveCursor(to: number, lastStep: lastStep)
  }

  /// Freezes or unfreezes the picture.
  mutating func freeze() {
    live.frozen = live.frozen == nil ? model : nil
    say(live.frozen == nil ? "picture unfrozen" : "picture frozen; training goes on")
  }

  /// Increases or decreases the smoothing of training curves.
  mutating func smooth(_ direction: Int) {
    _ = live.chart.smooth(by: direction)
    let smoothing = live.chart.smoothing
    say(smoothing == 0 ? "training curves unsmoothed" : "smoothing \(NumberFormat.compact(smoothing))")
  }

  /// `:charts [LIST]`: chooses the charts of the screens `lanes` and `compare`; without a list, lets it be edited.
  mutating func chooseCharts(_ list: String?) {
    guard let list else { return beginCommand("charts " + ChartPanel.text(live.chart.panels)) }
    do {
      let names = ChartQuantity.names(of: shown.lanes)
      let (panels, known) = (try ChartPanel.parse(list, among: names), Set(names))
      // Figures come at the end of the first epoch.
      if let unknown = panels.map(\.quantity.name).first(where: { !known.contains($0) }),
        shown.lanes.contains(where: { !$0.diagnostics.isEmpty })
      {
        return say("charts: no lane has “\(unknown)”; tab completes the names", .warning)
      }
      live.chart.panels = panels
      keepCharts()
    } catch {
      say("charts: \(error)", .warning)
    }
  }

  /// Remembers the chosen charts, and tells their list.
  mutating func keepCharts() {
    let list = ChartPanel.text(live.chart.panels)
    effects.append(.chartsChosen(list))
    say("charts: \(list)")
  }

  /// Sets the charts of the screens `lanes` and `compare`, as remembered from an earlier session.
  package mutating func setCharts(_ panels: [ChartPanel]) { live.chart.panels = panels }

  /// `:axis [NAME]`: changes the charts' horizontal axis to the named one, otherwise to the next.
  mutating func changeAxis(_ name: String?) {
    let axis = name.map { ChartView.Axis(rawValue: $0) } ?? live.chart.axis.next
    guard let axis else {
      let names = ChartView.Axis.allCases.map(\.rawValue).joined(separator: ", ")
      return say("axis: expected one of \(names), found “\(name ?? "")”", .warning)
    }
    live.chart.axis = axis
    let isUnknown = axis == .clock && !shown.lanes.isEmpty && shown.lanes.allSatisfy { $0.reports.last?.time == nil }
    say("the axis shows \(axis.words)" + (isUnknown ? "; this run has no times of day yet" : ""))
  }
}

/// The lanes that changes apply to.
package enum Focus: Hashable, Sendable {
  /// All lanes.
  case all
  /// The lane with this index.
  case lane(Int)

  /// Whether the lane at `index` is in focus.
  package func contains(_ index: Int) -> Bool {
    switch self {
    case .all: true
    case .lane(let place): place == index
    }
  }
}
