import EngineProtocol
import TerminalUI

extension Action {
  package static let nextScreen = Action("next-screen")
  package static let previousScreen = Action("previous-screen")
  package static let nextColumn = Action("next-column")
  package static let previousColumn = Action("previous-column")
  package static let sort = Action("sort")
  package static let filterTrials = Action("filter-trials")
  package static let color = Action("color")
  package static let axisScale = Action("axis-scale")
  package static let mark = Action("mark")
  package static let unmarkAll = Action("unmark-all")
  package static let openTrial = Action("open-trial")
  package static let stopTrial = Action("stop-trial")
  package static let promote = Action("promote")
  package static let forkTrial = Action("fork-trial")
}

extension Dashboard {
  /// The actions of a sweep's screen.
  static let sweepActions: [ActionDefinition] =
    SweepViews.all.map { view in
      let tab = view.tab
      return ActionDefinition(
        tab.action, title: tab.title, keys: [tab.key], in: .sweep, under: .sweep, help: tab.help,
        do: { dashboard, _ in dashboard.sweep?.show(tab.action) })
    } + [
      .init(
        .nextScreen, title: "next screen", keys: [.tab], in: .sweep, under: .sweep, help: "Show the next screen.",
        do: { dashboard, _ in dashboard.sweep?.turn(1) }),
      .init(
        .previousScreen, title: "previous screen", keys: [.backTab], in: .sweep, under: .sweep,
        help: "Show the previous screen.",
        do: { dashboard, _ in dashboard.sweep?.turn(-1) }),
      .init(
        .nextColumn, title: "next column", keys: [.right, .character("l")], in: .sweep, under: .sweep,
        help: "Sort by the next column, or show the next parameter.",
        if: { $0.sweep?.view.turnTitle != nil },
        do: { dashboard, _ in dashboard.turnColumn(1) }),
      .init(
        .previousColumn, title: "previous column", keys: [.left, .character("h")], in: .sweep, under: .sweep,
        help: "Sort by the previous column, or show the previous parameter.",
        if: { $0.sweep?.view.turnTitle != nil },
        do: { dashboard, _ in dashboard.turnColumn(-1) }),
      .init(
        .sort, "[COLUMN]", title: "reverse", keys: [.character("s")], in: .sweep, under: .sweep,
        help: "Sort in the opposite order, or by a column; a click on a heading does the same.",
        do: { $0.sortTrials($1) }),
      .init(
        .filterTrials, "[TEXT]", title: "filter", keys: [.character("/")], in: .sweep, under: .sweep,
        help: "Show only some trials: learningRate>0.01 state=running accuracy>97%, or a regular expression.",
        do: { $0.filterTrials($1) }),
      .init(
        .color, "[PARAMETER]", title: "colour by", keys: [.character("c")], in: .sweep, under: .sweep,
        help: "On the screen parameters, colour the points by the next parameter or the named one.",
        if: { $0.sweep?.screen == .parameters },
        do: { $0.colorTrials($1) }),
      .init(
        .axisScale, title: "log/linear", keys: [.character("L")], in: .sweep, under: .sweep,
        help: "On the screens parameters and parallel, change the axis of the shown parameter: logarithmic or linear.",
        if: { $0.sweep?.screen == .parameters },
        do: { dashboard, _ in dashboard.toggleAxisScale() }),
      .init(
        .mark, "[TRIAL]", title: "mark", keys: [.character(" ")], in: .sweep, under: .sweep,
        help: "Mark the selected trial, or remove its mark.", if: { $0.sweep?.model.selected != nil },
        do: { $0.markTrial($1) }),
      .init(
        .unmarkAll, title: "unmark all", keys: [.character("u")], in: .sweep, under: .sweep,
        help: "Remove all marks.", if: { $0.sweep?.model.marked.isEmpty == false },
        do: { dashboard, _ in dashboard.sweep?.model.unmarkAll() }),
      .init(
        .openTrial, "[TRIAL]", title: "open", keys: [.enter], in: .sweep, under: .sweep,
        help: "Open the selected trial on the live screen; q comes back.",
        if: { $0.sweep?.model.trial.map { $0.state != .waiting } ?? false },
        do: { $0.openTrial($1) }),
      .init(
        .stopTrial, "[TRIAL]", title: "stop", keys: [.character("x")], in: .sweep, under: .sweep,
        help: "Stop the selected trial, so that it is not trained any further; asks first.",
        if: { $0.sweep?.model.trial.map { !$0.state.hasEnded } ?? false },
        do: { $0.stopTrial($1) }),
      .init(
        .promote, "[TRIAL]", title: "promote", keys: [.character("p")], in: .sweep, under: .sweep,
        help: "Let the selected trial, which halving holds, go on to the next comparison.",
        if: { $0.sweep?.model.trial?.state == .held },
        do: { $0.promoteTrial($1) }),
      .init(
        .forkTrial, "[TRIAL] [[LANE.]KEY=VALUE ...]", title: "fork", keys: [.character("F")], in: .sweep, under: .sweep,
        help: "Train a copy of the selected trial with other values, as a run outside of the sweep.",
        if: { $0.sweep?.model.trial.map { $0.state != .waiting && $0.state != .training } ?? false },
        do: { $0.forkTrial($1) }),
    ]
}
