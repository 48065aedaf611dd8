import TerminalUI

/// What the screen remembers from one session to the next.
enum RememberedThing: String, Hashable, Sendable {
  /// The typed `:` commands.
  case commands = "commands are"
  /// The chosen charts.
  case charts = "charts are"
  /// The place in the lessons.
  case lesson = "place in the lessons is"
}

extension Dashboard {
  /// Says that something could not be saved for the next session: once, because the next change will fail in the same way.
  mutating func didNotRemember(_ what: RememberedThing, _ reason: String) {
    guard notRemembered.insert(what).inserted else { return }
    say("the \(what.rawValue) not remembered for the next session: \(reason)", .warning)
  }
}
