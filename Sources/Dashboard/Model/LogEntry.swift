/// A line of the journal screen: something that happened, when and where.
package struct LogEntry: Hashable, Sendable {
  /// How much the line matters, and so its colour.
  package enum Weight: Hashable, Sendable {
    /// The course of things: an epoch's end, a pause.
    case plain
    /// A hyperparameter that changed.
    case change
    /// Something was reached.
    case good
    /// A command that was refused.
    case warning
    /// Something failed.
    case bad
  }

  /// Seconds since the lanes started.
  package var seconds: Double
  /// The lane, or nil where the line is about the whole run.
  package var lane: String?
  /// The step, where there is one.
  package var step: Int?
  /// What happened.
  package var text: String
  /// How much it matters.
  package var weight: Weight

  /// A line of the journal.
  package init(seconds: Double, lane: String? = nil, step: Int? = nil, text: String, weight: Weight = .plain) {
    self.seconds = seconds
    self.lane = lane
    self.step = step
    self.text = text
    self.weight = weight
  }

  /// Whether `filter` stands somewhere in the line, in whatever case; the empty filter always does.
  package func matches(_ filter: String) -> Bool {
    filter.isEmpty || searchText.contains(filter.lowercased())
  }

  private var searchText: String { "\(lane ?? "") \(step.map(String.init) ?? "") \(text)".lowercased() }
}
