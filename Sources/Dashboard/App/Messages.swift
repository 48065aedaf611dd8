import TerminalUI
import TrainingMetrics

/// What is said at the foot of the screen.
package struct Messages: Sendable {
  /// The message; nil where there is none.
  package private(set) var toast: Toast?
  // The change that the message tells of, and where it took effect.
  private var change: (summary: String, origin: String, places: [(lane: String, step: Int)])?

  /// Says something for some seconds; what matters more stays longer.
  mutating func say(_ text: String, _ weight: LogEntry.Weight, now: Double) {
    let seconds: Double =
      switch weight {
      case .plain: 2.5
      case .change, .good: 4
      case .warning, .bad: 7
      }
    toast = Toast(text: text, weight: weight, until: now + seconds)
  }

  /// Tells of a change that took effect in a lane. Lanes that answer to one change share the message.
  /// - Parameter origin: who made it; empty for the person at this screen.
  mutating func announce(_ summary: String, by origin: String, lane: String, step: Int, now: Double) {
    if let change, change.summary == summary, change.origin == origin, toast != nil {
      self.change?.places.append((lane, step))
    } else {
      change = (summary, origin, [(lane, step)])
    }
    let places = (change?.places ?? []).map { "\($0.lane) at step \(NumberFormat.grouped($0.step))" }
      .joined(separator: ", ")
    if origin.isEmpty {
      say("\(summary): \(places)", .good, now: now)
    } else {
      say("\(summary) in \(places), by \(origin)", .change, now: now)
    }
  }

  /// Takes the message away.
  mutating func dismiss() { toast = nil }

  /// Forgets which change was told of last.
  mutating func forgetChange() { change = nil }

  /// Takes the message away where its time is over.
  /// - Returns: whether it was.
  mutating func expire(now: Double) -> Bool {
    guard let toast, toast.until <= now else { return false }
    self.toast = nil
    return true
  }
}

/// A short message at the foot of the screen, for a few seconds.
package struct Toast: Hashable, Sendable {
  /// What it says.
  package var text: String
  /// How much it matters, and so its colour.
  package var weight: LogEntry.Weight
  /// When it goes, in the dashboard's seconds.
  package var until: Double
}
