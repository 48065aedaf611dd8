package import EngineProtocol
import TerminalUI
import TrainingMetrics

/// The screens of a training, and what they share: the lanes in focus, the charts' view, the hyperparameters.
package struct LiveScreen: Sendable {
  private var views: [any LiveView]
  private var place = 0
  /// Which lanes a change speaks to.
  package internal(set) var focus = Focus.all
  /// How the charts are looked at.
  package internal(set) var chart = ChartView()
  /// The hyperparameter that the arrows change.
  package internal(set) var hyperparameter = Hyperparameter.learningRate
  /// The changes of hyperparameters under way.
  package internal(set) var editor = KnobEditor()
  /// The model as it was when the picture was frozen; nil while it moves.
  package internal(set) var frozen: DashboardModel?

  /// The screens of these types; the first one is shown.
  init(_ types: [any LiveView.Type]) { views = types.map { $0.init() } }

  /// The tabs, in order.
  var tabs: [ViewTab] { views.map { type(of: $0).tab } }

  /// The view that is shown.
  package internal(set) var view: any LiveView {
    get { views[place] }
    set { views[place] = newValue }
  }

  /// The view that is shown, by the action that shows it.
  package var screen: Action { type(of: view).tab.action }

  /// The view of a type.
  package func view<View: LiveView>(_ type: View.Type) -> View? { views.lazy.compactMap { $0 as? View }.first }

  /// Shows a view, all of it.
  mutating func show(_ screen: Action) {
    place = tabs.firstIndex { $0.action == screen } ?? place
    view.isMaximised = false
  }

  /// Lets every view take what the engine tells.
  mutating func take(_ event: EngineEvent) {
    if case .points = event { return }
    for index in views.indices { views[index].take(event) }
  }
}

extension Dashboard {
  /// The newest step of any lane shown.
  var lastStep: Int { shown.lanes.map(\.lastDrawnStep).max() ?? 0 }

  // MARK: Views

  /// Shows a view.
  mutating func show(_ screen: Action) {
    live.view.isMaximised = false
    live.show(screen)
    if !model.lanes.isEmpty { fulfil(live.view.refresh(viewContext)) }
  }

  /// Lets a view do one of its own actions; a view that is not shown is shown first.
  mutating func performInView(_ invocation: Invocation) {
    if let owner = ActionTable.definition(of: invocation.action).view, owner != live.screen { show(owner) }
    fulfil(live.view.perform(invocation, viewContext))
  }

  /// Does what the view that is shown asks for.
  mutating func fulfil(_ requests: [ViewRequest]) {
    for request in requests {
      switch request {
      case .send(let command): if !isEngineSilent { send(command) }
      case .say(let text, let weight): say(text, weight)
      case .type(let prompt, let text, let help): open(LineEntry(.view(help: help), prompt: prompt, text: text))
      case .focus(let focus): live.focus = focus
      case .perform(let invocation): perform(invocation)
      case .copy(let text): effects.append(.copy(text))
      }
    }
  }

  /// Scrolls the view, or chooses a hyperparameter: the one of that name, else one further on.
  mutating func scroll(_ move: ListMove, to name: String?) {
    if live.view.scroll(move) { return }
    if let name { select(name) } else { moveHyperparameter(by: move.rows(page: 1)) }
  }

  // MARK: Lanes

  /// `:lane [LANE]`: puts that lane in focus, else the next one; all lanes stand after the last one.
  mutating func chooseLane(_ name: String?, direction: Int) {
    let count = model.lanes.count
    guard count > 0 else { return }
    if let name {
      if name == "all" { return live.focus = .all }
      guard let index = model.index(of: name) else { return say(unknownLane(name), .warning) }
      live.focus = .lane(index)
    } else {
      let place = if case .lane(let index) = live.focus { index } else { count }
      let next = (place + direction + count + 1) % (count + 1)
      live.focus = next == count && count > 1 ? .all : .lane(next % count)
    }
    chooseExistingHyperparameter()
  }

  // MARK: Charts

  /// Changes between the scales of losses.
  mutating func changeLossScale() {
    let isLogarithmic = drawn.memory.ranges?.isAutomaticallyLogarithmic == true
    live.chart.nextLossScale(isAutomaticallyLogarithmic: isLogarithmic)
    switch live.chart.lossScale {
    case .automatic: say("loss scale chosen by the range: \(isLogarithmic ? "logarithmic" : "linear") now")
    case .linear: say("loss on a linear scale")
    case .logarithmic: say("loss on a logarithmic scale")
    }
  }

  /// Moves the charts' cursor a place, or to a step.
  mutating func moveCursor(_ step: String?, direction: Int) {
    guard let step else { return live.chart.moveCursor(direction: direction, lastStep: lastStep) }
    guard let number = Int(step.filter { $0 != "," }) else {
      return say("cursor: expected a step, found “\(step)”", .warning)
    }
    live.chart.moveCursor(to: number, lastStep: lastStep)
  }

  /// Freezes the picture, or unfreezes it.
  mutating func freeze() {
    live.frozen = live.frozen == nil ? model : nil
    say(live.frozen == nil ? "picture unfrozen" : "picture frozen; training goes on")
  }

  /// Smooths training curves more or less.
  mutating func smooth(_ direction: Int) {
    _ = live.chart.smooth(by: direction)
    let smoothing = live.chart.smoothing
    say(smoothing == 0 ? "training curves unsmoothed" : "smoothing \(NumberFormat.compact(smoothing))")
  }

  /// Counts the charts' axis in epochs or in steps.
  mutating func changeAxis() {
    live.chart.axis = live.chart.axis == .epochs ? .steps : .epochs
    say(live.chart.axis == .epochs ? "the axis counts epochs" : "the axis counts steps")
  }
}

/// Which lanes a change speaks to.
package enum Focus: Hashable, Sendable {
  /// All lanes at once.
  case all
  /// The lane at this place.
  case lane(Int)

  /// Whether the lane at `index` is in focus.
  package func contains(_ index: Int) -> Bool {
    switch self {
    case .all: true
    case .lane(let place): place == index
    }
  }
}
