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
