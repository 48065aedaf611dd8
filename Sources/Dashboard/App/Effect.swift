package import EngineProtocol

/// What the dashboard asks of the world around it.
package enum Effect: Hashable, Sendable {
  /// Send a command to the engine under an ID.
  case send(EngineCommand, CommandID)
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

/// Why the dashboard was left.
package enum DashboardEnd: Hashable, Sendable {
  /// The person left before anything was started.
  case leftLauncher
  /// The person left while lanes trained: they are to be stopped.
  case quitTraining
  /// The person left while lanes trained: they go on without the screen.
  case leftTraining
  /// The person left after every lane had ended, or a recording.
  case finished
  /// The person left after the training was suspended from elsewhere.
  case suspended
  /// Nothing could be started, or all was lost: the words say why.
  case failed(String)
  /// The terminal is gone, or a signal asked the program to end.
  case hangup
}
