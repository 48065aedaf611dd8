import EngineProtocol
import TerminalUI

/// The table of all actions.
package enum ActionTable {
  /// Every action once, in help order.
  package static let all: [ActionDefinition] =
    training + values + screens + charts + launcher + Dashboard.sweepActions + program
    + Dashboard.lessonActions

  /// Returns the action of a name; nil if there is none.
  package static func action(named name: String) -> Action? {
    let action = Action(name)
    return byAction[action] == nil ? nil : action
  }

  /// Returns the row of an action.
  package static func definition(of action: Action) -> ActionDefinition {
    guard let definition = byAction[action] else { preconditionFailure("\(action.rawValue) is not in the table") }
    return definition
  }

  private static let byAction = Dictionary(all.map { ($0.action, $0) }, uniquingKeysWith: { first, _ in first })

  private static let training: [ActionDefinition] = [
    .init(
      .pause, title: "pause", keys: [.character(" ")], in: .live, under: .training, needsEngine: true,
      help: "Pause all lanes between two batches, or resume them.", if: \.hasOpenLanes,
      do: { $0.pause($1) }),
    .init(
      .pauseLane, "[LANE]", title: "pause lane", keys: [.character("p")], in: .live, under: .training,
      needsEngine: true,
      help: "Pause only the lane in focus, or resume it.", if: \.hasOpenLanes,
      do: { $0.pauseLane($1) }),
    .init(
      .resume, "[LANE]", title: "go on", keys: [.character("r")], in: .live, under: .training, needsEngine: true,
      help: "Resume all paused lanes.", if: \.hasOpenLanes,
      do: { $0.resume($1) }),
    .init(
      .step, "[LANE]", title: "step", keys: [.character("s")], in: .live, under: .training, needsEngine: true,
      help: "Do one update in the paused lanes; running lanes are paused first.", if: \.hasOpenLanes,
      do: { $0.singleStep($1) }),
    .init(
      .epoch, "N", title: "run to epoch", keys: [.character("E")], in: .live, under: .training, needsEngine: true,
      help: "Train until N epochs are done, then pause.", if: \.hasOpenLanes,
      do: { $0.runToEpoch($1) }),
    .init(
      .stop, "[LANE]", title: "stop lane", keys: [.character("x")], in: .live, under: .training, needsEngine: true,
      help: "Stop the lane in focus and test its best weights; asks first.", if: \.hasOpenLanes,
      do: { $0.stop($1) }),
    .init(
      .stopAll, title: "stop all", keys: [.character("S")], in: .live, under: .training, needsEngine: true,
      help: "Stop all lanes and test their best weights; asks first.", if: \.hasOpenLanes,
      do: { dashboard, _ in dashboard.askToStop(.all) }),
    .init(
      .checkpoints, "[LANE]", title: "checkpoints", keys: [.character("c")], in: .live, under: .training,
      help: "List the checkpoints of the lanes in focus: enter rewinds to one, f forks a lane from it.",
      if: \.hasCheckpoints,
      do: { $0.listCheckpoints($1) }),
    .init(
      .checkpoint, "[LANE]", title: "checkpoint", keys: [.character("C")], in: .live, under: .training,
      needsEngine: true,
      help: "Write a checkpoint of the lanes in focus.", if: { $0.hasOpenLanes && $0.isRecorded },
      do: { $0.writeCheckpoint($1) }),
    .init(
      .rewind, "[LANE] STEP", title: "rewind", keys: [.character("W")], in: .live, under: .training, needsEngine: true,
      help: "Rewind a lane to its checkpoint at that step; asks first.", if: \.hasCheckpoints,
      do: { $0.rewind($1) }),
    .init(
      .fork, "[LANE] STEP [KEY=VALUE ...]", title: "fork", keys: [.character("F")], in: .live, under: .training,
      needsEngine: true,
      help: "Start a new lane from a checkpoint, with other hyperparameters.", if: \.hasCheckpoints,
      do: { $0.fork($1) }),
    .init(
      .note, "[TEXT]", title: "note", keys: [.character("J")], in: .live, under: .training, needsEngine: true,
      help: "Write a note on the selected step, the charts' cursor or the newest step; it is kept in the run.",
      if: { !$0.model.lanes.isEmpty },
      do: { $0.writeNote($1) }),
    .init(
      .moments, "[LANE] [STEP STEP]", title: "two moments", keys: [.character("Q")], in: .live, under: .training,
      needsEngine: true, asksLanes: true,
      help: "Compare two checkpoints of a lane: loss, hyperparameters, signs and figures by layer.",
      if: \.hasCheckpoints,
      do: { $0.compareMoments($1) }),
    .init(
      .resumeRun, title: "resume the run", keys: [.character("R")], in: .live, under: .training,
      help: "When the engine has died: resume the run from the last checkpoints.",
      do: { dashboard, _ in dashboard.resumeRun() }),
  ]

  private static let values: [ActionDefinition] = [
    .init(
      .down, "[NAME]", title: "next", keys: [.down, .character("j")], in: .everywhere, under: .values,
      help: "Select the next hyperparameter or field, or the named one; scroll a list.",
      do: { $0.scroll(.down, to: $1) }),
    .init(
      .up, title: "previous", keys: [.up, .character("k")], in: .everywhere, under: .values,
      help: "Select the previous hyperparameter or field; scroll a list.",
      do: { $0.scroll(.up, to: $1) }),
    .init(
      .increase, title: "more", keys: [.right, .character("l")], in: [.launcher, .live], under: .values,
      needsEngine: true,
      help: "Increase the value by a fine step.", if: { $0.isInLauncher || $0.hasOpenLanes },
      do: { dashboard, _ in dashboard.step(1, .fine) }),
    .init(
      .decrease, title: "less", keys: [.left, .character("h")], in: [.launcher, .live], under: .values,
      needsEngine: true,
      help: "Decrease the value by a fine step.", if: { $0.isInLauncher || $0.hasOpenLanes },
      do: { dashboard, _ in dashboard.step(-1, .fine) }),
    .init(
      .increaseMore, title: "much more", keys: [.shiftRight, .character(">")], in: [.launcher, .live], under: .values,
      needsEngine: true,
      help: "Increase the value by a coarse step: half a decade, ten epochs.",
      if: { $0.isInLauncher || $0.hasOpenLanes },
      do: { dashboard, _ in dashboard.step(1, .coarse) }),
    .init(
      .decreaseMore, title: "much less", keys: [.shiftLeft, .character("<")], in: [.launcher, .live], under: .values,
      needsEngine: true,
      help: "Decrease the value by a coarse step: half a decade, ten epochs.",
      if: { $0.isInLauncher || $0.hasOpenLanes },
      do: { dashboard, _ in dashboard.step(-1, .coarse) }),
    .init(
      .edit, "[NAME]", title: "type", keys: [.enter, .character("i")], in: .live, under: .values, needsEngine: true,
      help: "Type the hyperparameter's value; enter applies it.", if: \.hasOpenLanes,
      do: { $0.edit($1) }),
    .init(
      .set, "[LANE.]KEY VALUE", title: "set", keys: [.character("v")], in: .live, under: .values, needsEngine: true,
      help: "Set a hyperparameter of one lane or of all lanes.", if: \.hasOpenLanes,
      do: { $0.set($1) }),
    .init(
      .undo, title: "undo", keys: [.character("u")], in: .live, under: .values, needsEngine: true,
      help: "Undo the last change of a hyperparameter; press again to undo earlier ones.",
      if: { $0.hasOpenLanes && $0.live.editor.canUndo },
      do: { dashboard, _ in dashboard.undo() }),
    .init(
      .redo, title: "redo", keys: [.character("U"), .control("r")], in: .live, under: .values, needsEngine: true,
      help: "Redo the change that was undone last.",
      if: { $0.hasOpenLanes && $0.live.editor.canRedo },
      do: { dashboard, _ in dashboard.redo() }),
    .init(
      .findRate, "[LANE] [KEY]", title: "find a rate", keys: [.character("V")], in: .live, under: .values,
      needsEngine: true, asksLanes: true,
      help: "Sweep the learning rate on a copy of a lane, and suggest one; for Bop the flip threshold or gamma.",
      if: { !$0.model.lanes.isEmpty },
      do: { $0.findRate($1) }),
    .init(
      .accept, title: "accept", keys: [.character("A")], in: .live, under: .values, needsEngine: true,
      help: "Make the change that the health watch offers.", if: { $0.model.offer != nil },
      do: { dashboard, _ in dashboard.acceptOffer() }),
    .init(
      .decline, title: "decline", keys: [.character("D")], in: .live, under: .values,
      help: "Dismiss the change that the health watch offers.", if: { $0.model.offer != nil },
      do: { dashboard, _ in dashboard.declineOffer() }),
  ]

  private static let screens: [ActionDefinition] = LiveViews.tabs + panels + LiveViews.actions

  private static let panels: [ActionDefinition] = [
    .init(
      .lane, "[LANE]", title: "lane", keys: [.tab], in: [.launcher, .live], under: .screens,
      help: "Focus the next lane, then all lanes; in the launcher, switch sides.",
      if: { $0.isInLauncher || $0.model.lanes.count > 1 },
      do: { $0.chooseLane($1, direction: 1) }),
    .init(
      .previousLane, title: "previous lane", keys: [.backTab], in: [.launcher, .live], under: .screens,
      help: "Focus the previous lane; in the launcher, switch sides.",
      if: { $0.isInLauncher || $0.model.lanes.count > 1 },
      do: { dashboard, _ in dashboard.chooseLane(nil, direction: -1) }),
    .init(
      .allLanes, title: "all lanes", keys: [.character("a")], in: .live, under: .screens,
      help: "Focus all lanes, so that changes apply to all of them.",
      do: { dashboard, _ in dashboard.focusAllLanes() }),
    .init(
      .maximise, title: "maximise", keys: [.character("e")], in: .live, under: .screens,
      help: "Maximise the lane in focus, a chart (compare) or a layer (flips); press again to restore.",
      do: { dashboard, _ in dashboard.maximise() }),
    .init(
      .pageDown, title: "page down", keys: [.pageDown], in: .everywhere, under: .screens,
      help: "Page down in a list, otherwise the next hyperparameter.",
      do: { $0.scroll(.pageDown, to: $1) }),
    .init(
      .pageUp, title: "page up", keys: [.pageUp], in: .everywhere, under: .screens,
      help: "Page up in a list, otherwise the previous hyperparameter.",
      do: { $0.scroll(.pageUp, to: $1) }),
    .init(
      .first, title: "first", keys: [.home, .character("g")], in: .everywhere, under: .screens,
      help: "Go to the start of a list.",
      do: { $0.scroll(.first, to: $1) }),
    .init(
      .last, title: "last", keys: [.end, .character("G")], in: .everywhere, under: .screens,
      help: "Go to the end of a list; the journal then follows new lines.",
      do: { $0.scroll(.last, to: $1) }),
  ]

  private static let charts: [ActionDefinition] = [
    .init(
      .zoomIn, title: "zoom in", keys: [.character("+")], in: .live, under: .charts,
      help: "Show half as many steps, around the cursor or up to the newest.",
      if: { $0.lastStep > 0 && $0.live.view.charts.contains(.steps) },
      do: { dashboard, _ in dashboard.live.chart.zoomIn(lastStep: dashboard.lastStep) }),
    .init(
      .zoomOut, title: "zoom out", keys: [.character("-")], in: .live, under: .charts,
      help: "Show twice as many steps.",
      if: { $0.live.chart.window != nil && $0.live.view.charts.contains(.steps) },
      do: { dashboard, _ in dashboard.live.chart.zoomOut(lastStep: dashboard.lastStep) }),
    .init(
      .zoomAll, title: "whole run", keys: [.character("="), .character("0")], in: .live, under: .charts,
      help: "Show all steps.", if: { $0.live.chart.window != nil && $0.live.view.charts.contains(.steps) },
      do: { dashboard, _ in dashboard.live.chart.zoomAll() }),
    .init(
      .cursorRight, "[STEP]", title: "cursor →", keys: [.character("]")], in: .live, under: .charts,
      help: "Move the charts' cursor right, or to a step; panels show its values.",
      if: { $0.lastStep > 0 && $0.live.view.charts.contains(.steps) },
      do: { $0.moveCursor($1, direction: 1) }),
    .init(
      .cursorLeft, title: "cursor ←", keys: [.character("[")], in: .live, under: .charts,
      help: "Move the charts' cursor left; esc removes it.",
      if: { $0.lastStep > 0 && $0.live.view.charts.contains(.steps) },
      do: { dashboard, _ in dashboard.moveCursor(nil, direction: -1) }),
    .init(
      .freeze, title: "freeze", keys: [.character("f")], in: .live, under: .charts,
      help: "Freeze the picture; training and recording continue.",
      do: { dashboard, _ in dashboard.freeze() }),
    .init(
      .logScale, title: "log scale", keys: [.character("L")], in: .live, under: .charts,
      help: "Switch the scale of losses: automatic, logarithmic or linear.",
      if: { $0.live.view.charts.contains(.losses) },
      do: { dashboard, _ in dashboard.changeLossScale() }),
    .init(
      .smoother, title: "smoother", keys: [.character("}")], in: .live, under: .charts,
      help: "Smooth the training curves more; the band shows raw values.",
      do: { dashboard, _ in dashboard.smooth(1) }),
    .init(
      .rougher, title: "rougher", keys: [.character("{")], in: .live, under: .charts,
      help: "Smooth the training curves less.",
      do: { dashboard, _ in dashboard.smooth(-1) }),
    .init(
      .axis, "[NAME]", title: "axis", keys: [.character("X")], in: .live, under: .charts,
      help: "Change the charts' horizontal axis: epochs, steps, log, time (of work) or clock.",
      do: { $0.changeAxis($1) }),
    .init(
      .charts, "[LIST]", title: "charts", keys: [.character("K")], in: .live, under: .charts,
      help: "Choose the charts of lanes and compare, with sizes: loss:2 accuracy. The mouse drags their borders.",
      do: { $0.chooseCharts($1) }),
    .init(
      .copy, "[WHAT]", title: "copy", keys: [.character("y")], in: .live, under: .charts,
      help: "Copy the figures, the values of the charts as a table, or the screen: figures, charts, screen.",
      do: { $0.copy($1) }),
    .init(
      .save, "FILE", title: "save", keys: [.character("P")], in: [.live, .sweep], under: .charts,
      help: "Save the screen as SVG, as text with colours, or as plain text: FILE ends in .svg, .ans or .txt.",
      do: { $0.save($1) }),
  ]

  private static let launcher: [ActionDefinition] = [
    .init(
      .start, title: "start", keys: [.enter], in: .launcher, under: .launcher,
      help: "Train the selected experiment.", if: { $0.launcher.catalog != nil && $0.launcher.missing == nil },
      do: { dashboard, _ in dashboard.startExperiment() }),
    .init(
      .toggle, "[LANE]", title: "on/off", keys: [.character(" ")], in: .launcher, under: .launcher,
      help: "Include or exclude the selected lane.", if: \.launcher.isLaneChosen,
      do: { $0.toggleLane($1) }),
    .init(
      .type, title: "type", keys: [.character("e"), .character("i")], in: .launcher, under: .launcher,
      help: "Type the field's value.",
      do: { dashboard, _ in dashboard.typeField() }),
    .init(
      .open, "FILE", title: "open YAML", keys: [.character("o")], in: .launcher, under: .launcher,
      help: "Open a YAML file with your own experiment.",
      do: { $0.openFile($1) }),
    .init(
      .download, "[NAME] [FROM]", title: "download", keys: [.character("d")], in: .launcher, under: .launcher,
      help: "Download the required data set, from its mirrors or another URL or folder; esc cancels.",
      if: { $0.launcher.missing?.downloadBytes != nil && $0.model.snapshot.download == nil },
      do: { $0.download($1) }),
    .init(
      .rescan, title: "look again", keys: [.character("R")], in: .launcher, under: .launcher,
      help: "Search for data sets again.",
      do: { dashboard, _ in dashboard.rescan() }),
  ]

  private static let program: [ActionDefinition] = [
    .init(
      .help, "[WORDS]", title: "help", keys: [.character("?"), .function(1)], in: .everywhere, under: .program,
      help: "Show all keys and commands; type to search.",
      do: { $0.open(Help(words: $1 ?? "")) }),
    .init(
      .command, title: "command", keys: [.character(":")], in: .everywhere, under: .program,
      help: "Type a command; tab completes it.",
      do: { dashboard, _ in dashboard.beginCommand("") }),
    .init(
      .theme, "[NAME]", title: "theme", keys: [.character("T")], in: .everywhere, under: .program,
      help: "Choose a theme; each is previewed immediately.",
      do: { $0.chooseTheme($1) }),
    .init(
      .glyphs, "[NAME]", title: "glyphs", keys: [.control("g")], in: .everywhere, under: .program,
      help: "Switch between braille, blocks and ASCII.",
      do: { $0.chooseGlyphs($1) }),
    .init(
      .mouse, title: "mouse", keys: [.character("M")], in: .everywhere, under: .program,
      help: "Turn mouse input off, to select text with the terminal, or on again.",
      do: { dashboard, _ in dashboard.toggleMouse() }),
    .init(
      .redraw, title: "redraw", keys: [.control("l")], in: .everywhere, under: .program,
      help: "Redraw the whole screen.",
      do: { dashboard, _ in dashboard.effects.append(.redraw) }),
    .init(
      .back, title: "back", keys: [.escape], in: .everywhere, under: .program,
      help: "Close the entry, overlay, cursor or zoom, one at a time.",
      do: { dashboard, _ in dashboard.back() }),
    .init(
      .quit, title: "quit", keys: [.character("q"), .control("c")], in: .everywhere, under: .program,
      help: "Quit; during training, asks whether lanes continue or stop.",
      do: { dashboard, _ in dashboard.quit() }),
  ]
}
