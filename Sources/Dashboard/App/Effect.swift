package import EngineProtocol

/// What the dashboard asks of the world around it.
package enum Effect: Hashable, Sendable {
  /// Send a command to the engine, and tell the dashboard its name with `didSend`.
  case send(EngineCommand)
  /// Put a text on the clipboard (OSC 52).
  case copy(String)
  /// Take the mouse, or leave it to the terminal.
  case setMouse(Bool)
  /// Draw the whole screen anew, whatever stands there.
  case redraw
  /// A theme was chosen to stay: the program may remember it.
  case themeChosen(String)
  /// Start an engine that goes on with the run of the one that is gone, and watch it.
  case resumeRun
  /// Leave the screen.
  case end(DashboardEnd)
}
