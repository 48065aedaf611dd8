/// Something a person can ask of the dashboard, by key, `:` command or mouse.
///
/// The raw value is the `:` command's name. What else belongs to an action stands in `ActionTable`.
package enum Action: String, CaseIterable, Sendable {
  // Everywhere.
  case help, command, back, quit, theme, glyphs, mouse, redraw
  // Screens.
  case lanes, compare, flips, journal
  // Moving about.
  case down, up, lane
  case previousLane = "previous-lane"
  case allLanes = "all-lanes"
  case pageUp = "page-up"
  case pageDown = "page-down"
  case first, last, filter
  // Values.
  case increase, decrease
  case increaseMore = "increase-more"
  case decreaseMore = "decrease-more"
  case edit, set, undo, redo
  // The training.
  case pause
  case pauseLane = "pause-lane"
  case resume, step, epoch, stop
  case stopAll = "stop-all"
  // Checkpoints.
  case checkpoints, checkpoint, rewind, fork
  case resumeRun = "resume-run"
  // The charts.
  case maximise
  case zoomIn = "zoom-in"
  case zoomOut = "zoom-out"
  case zoomAll = "zoom-all"
  case cursorLeft = "cursor-left"
  case cursorRight = "cursor-right"
  case freeze
  case logScale = "log-scale"
  case smoother, rougher, axis, copy
  // The launcher.
  case start, toggle, type, open, download, rescan
}

extension Action {
  /// Whether it asks something of the engine: without one it means nothing.
  package var needsEngine: Bool {
    switch self {
    case .increase, .decrease, .increaseMore, .decreaseMore, .edit, .set, .undo, .redo, .pause, .pauseLane, .resume,
      .step,
      .epoch, .stop, .stopAll, .checkpoint, .rewind, .fork:
      true
    default: false
    }
  }
}
