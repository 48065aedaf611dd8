package import EngineProtocol
package import TerminalUI

/// A request of the dashboard to its environment.
package enum Effect: Hashable, Sendable {
  /// Send a command with this ID to the engine.
  case send(EngineCommand, CommandID)
  /// Copy a text to the clipboard (OSC 52), or to a file.
  case copy(Clipping)
  /// Copy the screen, without the line that asked for it.
  case copyScreen
  /// The user typed a `:` command, which is kept for later sessions.
  case typed(String)
  /// Write the screen to a new file of this path, in this form.
  case save(String, FrameDocument)
  /// The place in the lessons has changed, and is kept for later sessions.
  case learned(LessonPlace)
  /// Turn mouse input on or off.
  case setMouse(Bool)
  /// Redraw the whole screen, whatever it shows.
  case redraw
  /// The user chose charts, a list that `ChartPanel.parse` reads, which the program should save.
  case chartsChosen(String)
  /// Start an engine that resumes the run of a lost one, and connect to it.
  case resumeRun
  /// Send a command to the sweep.
  case sweep(SweepCommand)
  /// Close the screen.
  case end(DashboardEnd)
}

/// Why the dashboard was closed.
package enum DashboardEnd: Hashable, Sendable {
  /// The user quit before a run was started.
  case leftLauncher
  /// The user quit during training, and the lanes must be stopped.
  case quitTraining
  /// The user left during training, and the lanes continue.
  case leftTraining
  /// The user quit a recording, or after every lane had ended.
  case finished
  /// The user wants to see a trial of the sweep on the live screen, and comes back.
  case openTrial(Int)
  /// The user quit after another client had suspended the run.
  case suspended
  /// Nothing could be started, or the run was lost, with the reason.
  case failed(String)
  /// The terminal is gone, or a signal requested termination.
  case hangup
}
