import TerminalUI
import TrainingMetrics

/// The messages in the footer.
package struct Messages: Sendable {
  /// The message; nil if there is none.
  package private(set) var toast: Toast?
  // The change that the message reports, and where it took effect.
  private var change: (summary: String, origin: String, places: [(lane: String, step: Int)])?

  /// Shows a message for some seconds, depending on its weight.
  mutating func say(_ text: String, _ weight: LogEntry.Weight, now: Double) {
    let seconds: Double =
      switch weight {
      case .plain, .faint: 2.5
      case .change, .good, .note: 4
      case .warning, .bad: 7
      }
    toast = Toast(text: text, weight: weight, until: now + seconds)
  }

  /// Reports a change that took effect in a lane. Lanes with the same change share one message.
  /// - Parameter origin: who made it; empty for this user.
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

  /// Removes the message.
  mutating func dismiss() { toast = nil }

  /// Forgets the change that was reported last.
  mutating func forgetChange() { change = nil }

  /// Removes the message when its time is over.
  /// - Returns: whether it was removed.
  mutating func expire(now: Double) -> Bool {
    guard let toast, toast.until <= now else { return false }
    self.toast = nil
    return true
  }
}

/// A short message in the footer, shown for a few seconds.
package struct Toast: Hashable, Sendable {
  /// The text.
  package var text: String
  /// How important it is, which determines its colour.
  package var weight: LogEntry.Weight
  /// When it expires, in the dashboard's time.
  package var until: Double
}
