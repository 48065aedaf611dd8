import TerminalUI

/// The one table of actions.
package enum ActionTable {
  /// Every action once, in the order of the help.
  package static let all: [ActionDefinition] = training + values + screens + charts + launcher + program

  /// The row of an action.
  package static func definition(of action: Action) -> ActionDefinition {
    guard let definition = byAction[action] else { preconditionFailure("\(action) is not in the table") }
    return definition
  }

  private static let byAction = Dictionary(all.map { ($0.action, $0) }, uniquingKeysWith: { first, _ in first })

  private static let training: [ActionDefinition] = [
    .init(
      .pause, title: "pause", keys: [.character(" ")], in: .live, under: .training,
      help: "Hold all lanes between two batches, or let them go on."),
    .init(
      .pauseLane, "[LANE]", title: "pause lane", keys: [.character("p")], in: .live, under: .training,
      help: "Hold the lane in focus alone, or let it go on."),
    .init(
      .resume, "[LANE]", title: "go on", keys: [.character("r")], in: .live, under: .training,
      help: "Let all paused lanes go on."),
    .init(
      .step, "[LANE]", title: "step", keys: [.character("s")], in: .live, under: .training,
      help: "One update of the paused lanes; holds them first when they run."),
    .init(
      .epoch, "N", title: "run to epoch", keys: [.character("E")], in: .live, under: .training,
      help: "Train until N epochs are done, then hold."),
    .init(
      .stop, "[LANE]", title: "stop lane", keys: [.character("x")], in: .live, under: .training,
      help: "End the lane in focus and test what it learned; asks first."),
    .init(
      .stopAll, title: "stop all", keys: [.character("S")], in: .live, under: .training,
      help: "End all lanes and test what they learned; asks first."),
    .init(
      .checkpoints, "[LANE]", title: "checkpoints", keys: [.character("c")], in: .live, under: .training,
      help: "The checkpoints of the lanes in focus: enter rewinds to one, f forks a lane off it."),
    .init(
      .checkpoint, "[LANE]", title: "checkpoint", keys: [.character("C")], in: .live, under: .training,
      help: "Write a checkpoint of the lanes in focus now."),
    .init(
      .rewind, "[LANE] STEP", title: "rewind", keys: [.character("W")], in: .live, under: .training,
      help: "Put a lane back to its checkpoint of that step; asks first."),
    .init(
      .fork, "[LANE] STEP [KEY=VALUE ...]", title: "fork", keys: [.character("F")], in: .live, under: .training,
      help: "Train a new lane from a checkpoint on, beside the others, with other values."),
    .init(
      .resumeRun, title: "resume the run", keys: [.character("R")], in: .live, under: .training,
      help: "Where the engine has died: go on from the last checkpoints."),
  ]

  private static let values: [ActionDefinition] = [
    .init(
      .down, "[NAME]", title: "next", keys: [.down, .character("j")], in: .everywhere, under: .values,
      help: "The next hyperparameter or field, or the one of that name; scrolls a list."),
    .init(
      .up, title: "previous", keys: [.up, .character("k")], in: .everywhere, under: .values,
      help: "The hyperparameter or field before; scrolls a list."),
    .init(
      .increase, title: "more", keys: [.right, .character("l")], in: .everywhere, under: .values,
      help: "One fine step up on the value's own scale."),
    .init(
      .decrease, title: "less", keys: [.left, .character("h")], in: .everywhere, under: .values,
      help: "One fine step down on the value's own scale."),
    .init(
      .increaseMore, title: "much more", keys: [.shiftRight, .character(">")], in: .everywhere, under: .values,
      help: "A coarse step up: half a decade, ten epochs."),
    .init(
      .decreaseMore, title: "much less", keys: [.shiftLeft, .character("<")], in: .everywhere, under: .values,
      help: "A coarse step down: half a decade, ten epochs."),
    .init(
      .edit, "[NAME]", title: "type", keys: [.enter, .character("i")], in: .live, under: .values,
      help: "Type the hyperparameter's value; enter sends it."),
    .init(
      .set, "[LANE.]KEY VALUE", title: "set", keys: [.character("v")], in: .live, under: .values,
      help: "Give a hyperparameter of one lane or of all a value."),
    .init(
      .undo, title: "undo", keys: [.character("u")], in: .live, under: .values,
      help: "Put the last changed hyperparameter back; again goes further back."),
    .init(
      .redo, title: "redo", keys: [.character("U"), .control("r")], in: .live, under: .values,
      help: "Do again what undo has taken back; a new change ends that."),
  ]

  private static let screens: [ActionDefinition] = [
    .init(
      .lanes, title: "lanes", keys: [.character("1")], in: .live, under: .screens,
      help: "A panel for each lane, side by side."),
    .init(
      .compare, title: "compare", keys: [.character("2")], in: .live, under: .screens,
      help: "Loss and accuracy of all lanes in one chart each."),
    .init(
      .flips, title: "flips", keys: [.character("3")], in: .live, under: .screens,
      help: "Sign flips and latent weights of each layer."),
    .init(
      .journal, title: "journal", keys: [.character("4")], in: .live, under: .screens,
      help: "All that has happened, with the step."),
    .init(
      .lane, "[LANE]", title: "lane", keys: [.tab], in: .everywhere, under: .screens,
      help: "The next lane, then all lanes; in the launcher, the other side."),
    .init(
      .previousLane, title: "previous lane", keys: [.backTab], in: .everywhere, under: .screens,
      help: "The lane before; in the launcher, the other side."),
    .init(
      .allLanes, title: "all lanes", keys: [.character("a")], in: .live, under: .screens,
      help: "Change all lanes at once."),
    .init(
      .maximise, title: "maximise", keys: [.character("e")], in: .live, under: .screens,
      help: "The lane in focus alone on the screen, and back; a chart of compare, a layer of flips."),
    .init(
      .pageDown, title: "page down", keys: [.pageDown], in: .everywhere, under: .screens,
      help: "A page down in a list; more lanes than fit: the next ones."),
    .init(
      .pageUp, title: "page up", keys: [.pageUp], in: .everywhere, under: .screens,
      help: "A page up in a list; more lanes than fit: those before."),
    .init(
      .first, title: "first", keys: [.home, .character("g")], in: .everywhere, under: .screens,
      help: "To the beginning of a list."),
    .init(
      .last, title: "last", keys: [.end, .character("G")], in: .everywhere, under: .screens,
      help: "To the end of a list; the journal follows again."),
    .init(
      .filter, "[WORDS]", title: "filter", keys: [.character("/")], in: .live, under: .screens,
      help: "Show only the journal's lines with these words."),
  ]

  private static let charts: [ActionDefinition] = [
    .init(
      .zoomIn, title: "zoom in", keys: [.character("+")], in: .live, under: .charts,
      help: "Half as many steps, about the cursor or up to the newest."),
    .init(
      .zoomOut, title: "zoom out", keys: [.character("-")], in: .live, under: .charts, help: "Twice as many steps."),
    .init(
      .zoomAll, title: "whole run", keys: [.character("="), .character("0")], in: .live, under: .charts,
      help: "All steps from the first on."),
    .init(
      .cursorRight, "[STEP]", title: "cursor →", keys: [.character("]")], in: .live, under: .charts,
      help: "The charts' cursor one place on, or to a step; it reads the values there."),
    .init(
      .cursorLeft, title: "cursor ←", keys: [.character("[")], in: .live, under: .charts,
      help: "The charts' cursor one place back; esc takes it away."),
    .init(
      .freeze, title: "freeze", keys: [.character("f")], in: .live, under: .charts,
      help: "Hold the picture; training and recording go on behind it."),
    .init(
      .logScale, title: "log scale", keys: [.character("L")], in: .live, under: .charts,
      help: "Loss on a logarithmic or a linear scale; by itself it is logarithmic over a wide range."),
    .init(
      .smoother, title: "smoother", keys: [.character("}")], in: .live, under: .charts,
      help: "Smooth the training curves more; the band behind stays raw."),
    .init(
      .rougher, title: "rougher", keys: [.character("{")], in: .live, under: .charts,
      help: "Smooth the training curves less."),
    .init(
      .axis, title: "axis", keys: [.character("X")], in: .live, under: .charts,
      help: "Count the charts' axis in epochs or in steps."),
    .init(
      .copy, title: "copy", keys: [.character("y")], in: .live, under: .charts,
      help: "Copy figures and hyperparameters of the lanes as text."),
  ]

  private static let launcher: [ActionDefinition] = [
    .init(
      .start, title: "start", keys: [.enter], in: .launcher, under: .launcher,
      help: "Train what is chosen."),
    .init(
      .toggle, "[LANE]", title: "on/off", keys: [.character(" ")], in: .launcher, under: .launcher,
      help: "Train the chosen lane, or leave it out."),
    .init(
      .type, title: "type", keys: [.character("e"), .character("i")], in: .launcher, under: .launcher,
      help: "Type the field's value."),
    .init(
      .open, "FILE", title: "open YAML", keys: [.character("o")], in: .launcher, under: .launcher,
      help: "Train an experiment of one's own from a YAML file."),
    .init(
      .download, "[NAME] [FROM]", title: "download", keys: [.character("d")], in: .launcher, under: .launcher,
      help: "Download the chosen data set, from its mirrors or another address or folder; esc ends it."),
    .init(
      .rescan, title: "look again", keys: [.character("R")], in: .launcher, under: .launcher,
      help: "Look for data sets again."),
  ]

  private static let program: [ActionDefinition] = [
    .init(
      .help, "[WORDS]", title: "help", keys: [.character("?"), .function(1)], in: .everywhere, under: .program,
      help: "All keys and commands; type to search."),
    .init(
      .command, title: "command", keys: [.character(":")], in: .everywhere, under: .program,
      help: "Type a command; tab completes it."),
    .init(
      .theme, "[NAME]", title: "theme", keys: [.character("T")], in: .everywhere, under: .program,
      help: "Choose the colours; the screen shows each at once."),
    .init(
      .glyphs, "[NAME]", title: "glyphs", keys: [.control("g")], in: .everywhere, under: .program,
      help: "Draw with braille, blocks or ASCII."),
    .init(
      .mouse, title: "mouse", keys: [.character("M")], in: .everywhere, under: .program,
      help: "Leave the mouse to the terminal, for selecting text, or take it back."),
    .init(
      .redraw, title: "redraw", keys: [.control("l")], in: .everywhere, under: .program,
      help: "Draw the whole screen anew."),
    .init(
      .back, title: "back", keys: [.escape], in: .everywhere, under: .program,
      help: "One layer out: the entry, the overlay, the cursor, the zoom."),
    .init(
      .quit, title: "quit", keys: [.character("q"), .control("c")], in: .everywhere, under: .program,
      help: "Leave; while lanes train it asks whether they go on or stop."),
  ]
}
