package import TerminalUI

/// Something a person can ask of the dashboard, by key, `:` command or mouse.
///
/// All else that belongs to an action stands in its row of `ActionTable`.
package struct Action: RawRepresentable, Hashable, Sendable {
  /// The `:` command's name.
  package let rawValue: String

  package init(rawValue: String) { self.rawValue = rawValue }

  /// The action of a `:` command's name.
  package init(_ name: String) { rawValue = name }
}

// The whole dashboard's; a view's own stand in its file.
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
  package static let copy = Action("copy")
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

/// An action with what the `:` command or the mouse says besides.
package struct Invocation: Hashable, Sendable {
  /// The action.
  package var action: Action
  /// The rest of the command line, or the name of what was clicked; nil for a bare key.
  package var argument: String?

  /// An action, perhaps with an argument.
  package init(_ action: Action, _ argument: String? = nil) {
    self.action = action
    self.argument = argument
  }
}

/// Where an action has a meaning.
package struct ActionContext: OptionSet, Hashable, Sendable {
  package let rawValue: Int
  package init(rawValue: Int) { self.rawValue = rawValue }

  /// While an experiment is chosen.
  package static let launcher = ActionContext(rawValue: 1)
  /// While lanes train, and after.
  package static let live = ActionContext(rawValue: 2)
  /// Everywhere.
  package static let everywhere: ActionContext = [.launcher, .live]
}

/// The headings under which the help lists the actions.
package enum ActionGroup: String, CaseIterable, Sendable {
  case training = "Training"
  case values = "Hyperparameters"
  case screens = "Screens and panels"
  case charts = "Charts"
  case launcher = "Launcher"
  case program = "Program"
}

/// All that belongs to an action: one row of the table that feeds keys, `:` commands, mouse, help, hints and tests.
package struct ActionDefinition: Sendable {
  /// The action.
  package let action: Action
  /// What the `:` command takes, as shown in the help: `[LANE]`; nil where it takes nothing.
  package let argument: String?
  /// One or two words for the hints at the foot of the screen.
  package let title: String
  /// One line for the help.
  package let help: String
  /// The keys it has unless rebound, the one shown first.
  package let keys: [Key]
  /// Where it has a meaning.
  package let context: ActionContext
  /// Its heading in the help.
  package let group: ActionGroup
  /// Whether it asks something of the engine: without one it means nothing.
  package let needsEngine: Bool
  /// The view that it belongs to, by the action that shows it; nil where it is the whole dashboard's.
  package internal(set) var view: Action?
  /// Whether its keys mean this only while its view is shown.
  package let isLocal: Bool

  /// Whether it does something as things stand: what does not is not hinted at, and dim in the help.
  let isUseful: @Sendable (Dashboard) -> Bool
  /// Does it; the argument is that of the invocation.
  let perform: @Sendable (inout Dashboard, String?) -> Void

  /// The `:` command's name.
  package var name: String { action.rawValue }
  /// The `:` command as one types it: `:epoch N`.
  package var usage: String { ":" + name + (argument.map { " " + $0 } ?? "") }

  /// An action of the whole dashboard.
  init(
    _ action: Action, _ argument: String? = nil, title: String, keys: [Key], in context: ActionContext,
    under group: ActionGroup, needsEngine: Bool = false, help: String,
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
    self.isUseful = isUseful
    self.perform = perform
    isLocal = false
  }

  /// An action of a view, which does it in `LiveView.perform`; a view that is not shown is shown first.
  /// - Parameter isLocal: whether its keys mean this only while the view is shown.
  package init(
    _ action: Action, _ argument: String? = nil, title: String, keys: [Key], needsEngine: Bool = false,
    isLocal: Bool = true, help: String
  ) {
    self.action = action
    self.argument = argument
    self.title = title
    self.help = help
    self.keys = keys
    (context, group) = (.live, .screens)
    self.needsEngine = needsEngine
    self.isLocal = isLocal
    isUseful = { _ in true }
    perform = { dashboard, argument in dashboard.performInView(Invocation(action, argument)) }
  }
}
