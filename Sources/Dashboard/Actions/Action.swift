package import TerminalUI

/// Something that the user can do in the dashboard by key, `:` command or mouse.
///
/// The rest of an action's definition is its row in `ActionTable`.
package struct Action: RawRepresentable, Hashable, Sendable {
  /// The name of the `:` command.
  package let rawValue: String

  package init(rawValue: String) { self.rawValue = rawValue }

  /// The action of a `:` command.
  package init(_ name: String) { rawValue = name }
}

// Actions of the whole dashboard. A view's own actions are in its file.
extension Action {
  package static let pause = Action("pause")
  package static let pauseLane = Action("pause-lane")
  package static let resume = Action("resume")
  package static let step = Action("step")
  package static let epoch = Action("epoch")
  package static let stop = Action("stop")
  package static let stopAll = Action("stop-all")
  package static let checkpoints = Action("checkpoints")
  package static let checkpoint = Action("checkpoint")
  package static let rewind = Action("rewind")
  package static let fork = Action("fork")
  package static let note = Action("note")
  package static let findRate = Action("find-rate")
  package static let moments = Action("moments")
  package static let resumeRun = Action("resume-run")
  package static let down = Action("down")
  package static let up = Action("up")
  package static let increase = Action("increase")
  package static let decrease = Action("decrease")
  package static let increaseMore = Action("increase-more")
  package static let decreaseMore = Action("decrease-more")
  package static let edit = Action("edit")
  package static let set = Action("set")
  package static let undo = Action("undo")
  package static let redo = Action("redo")
  package static let accept = Action("accept")
  package static let decline = Action("decline")
  package static let lane = Action("lane")
  package static let previousLane = Action("previous-lane")
  package static let allLanes = Action("all-lanes")
  package static let maximise = Action("maximise")
  package static let pageDown = Action("page-down")
  package static let pageUp = Action("page-up")
  package static let first = Action("first")
  package static let last = Action("last")
  package static let zoomIn = Action("zoom-in")
  package static let zoomOut = Action("zoom-out")
  package static let zoomAll = Action("zoom-all")
  package static let cursorRight = Action("cursor-right")
  package static let cursorLeft = Action("cursor-left")
  package static let freeze = Action("freeze")
  package static let logScale = Action("log-scale")
  package static let smoother = Action("smoother")
  package static let rougher = Action("rougher")
  package static let axis = Action("axis")
  package static let charts = Action("charts")
  package static let copy = Action("copy")
  package static let save = Action("save")
  package static let start = Action("start")
  package static let toggle = Action("toggle")
  package static let type = Action("type")
  package static let open = Action("open")
  package static let download = Action("download")
  package static let rescan = Action("rescan")
  package static let help = Action("help")
  package static let command = Action("command")
  package static let theme = Action("theme")
  package static let glyphs = Action("glyphs")
  package static let mouse = Action("mouse")
  package static let redraw = Action("redraw")
  package static let back = Action("back")
  package static let quit = Action("quit")
}

/// An action with its argument.
package struct Invocation: Hashable, Sendable {
  /// The action.
  package var action: Action
  /// The rest of the command line, or the name of the clicked item; nil for a key alone.
  package var argument: String?

  /// An action with an optional argument.
  package init(_ action: Action, _ argument: String? = nil) {
    self.action = action
    self.argument = argument
  }
}

/// Where an action is available.
package struct ActionContext: OptionSet, Hashable, Sendable {
  package let rawValue: Int
  package init(rawValue: Int) { self.rawValue = rawValue }

  /// In the launcher.
  package static let launcher = ActionContext(rawValue: 1)
  /// During and after training.
  package static let live = ActionContext(rawValue: 2)
  /// On the screen of a sweep.
  package static let sweep = ActionContext(rawValue: 4)
  /// Everywhere.
  package static let everywhere: ActionContext = [.launcher, .live, .sweep]
}

/// The headings of the help.
package enum ActionGroup: String, CaseIterable, Sendable {
  case training = "Training"
  case values = "Hyperparameters"
  case screens = "Screens and panels"
  case charts = "Charts"
  case launcher = "Launcher"
  case sweep = "Sweep"
  case program = "Program"
}

/// The definition of an action: one row of the table that keys, `:` commands, mouse, help, hints and tests use.
package struct ActionDefinition: Sendable {
  /// The action.
  package let action: Action
  /// The argument of the `:` command as shown in the help, `[LANE]`; nil if it takes none.
  package let argument: String?
  /// One or two words for the hints in the footer.
  package let title: String
  /// One line for the help.
  package let help: String
  /// The default keys; the first one is displayed.
  package let keys: [Key]
  /// Where it is available.
  package let context: ActionContext
  /// Its heading in the help.
  package let group: ActionGroup
  /// Whether it needs the engine, and so is unavailable without one.
  package let needsEngine: Bool
  /// Whether it only asks something of lanes, which a recorded run can answer too.
  package let asksLanes: Bool
  /// The view that it belongs to, identified by the action that shows it; nil for the whole dashboard.
  package internal(set) var view: Action?
  /// Whether its keys have this meaning only while its view is shown.
  package let isLocal: Bool

  /// Returns whether it currently has an effect. Actions without effect are dimmed in the help and have no hints.
  let isUseful: @Sendable (Dashboard) -> Bool
  /// Performs the action with its argument.
  let perform: @Sendable (inout Dashboard, String?) -> Void

  /// The name of the `:` command.
  package var name: String { action.rawValue }
  /// The `:` command as typed: `:epoch N`.
  package var usage: String { ":" + name + (argument.map { " " + $0 } ?? "") }

  /// An action of the whole dashboard.
  init(
    _ action: Action, _ argument: String? = nil, title: String, keys: [Key], in context: ActionContext,
    under group: ActionGroup, needsEngine: Bool = false, asksLanes: Bool = false, help: String,
    if isUseful: @escaping @Sendable (Dashboard) -> Bool = { _ in true },
    do perform: @escaping @Sendable (inout Dashboard, String?) -> Void
  ) {
    self.action = action
    self.argument = argument
    self.title = title
    self.help = help
    self.keys = keys
    self.context = context
    self.group = group
    self.needsEngine = needsEngine
    self.asksLanes = asksLanes
    self.isUseful = isUseful
    self.perform = perform
    isLocal = false
  }

  /// An action of a view, performed by `LiveView.perform`. If the view is not shown, it is shown first.
  /// - Parameter isLocal: whether its keys have this meaning only while the view is shown.
  package init(
    _ action: Action, _ argument: String? = nil, title: String, keys: [Key], needsEngine: Bool = false,
    asksLanes: Bool = false, isLocal: Bool = true, help: String
  ) {
    self.action = action
    self.argument = argument
    self.title = title
    self.help = help
    self.keys = keys
    (context, group) = (.live, .screens)
    self.needsEngine = needsEngine
    self.asksLanes = asksLanes
    self.isLocal = isLocal
    isUseful = { _ in true }
    perform = { dashboard, argument in dashboard.performInView(Invocation(action, argument)) }
  }
}
