import EngineProtocol
import TerminalUI
import TrainingMetrics

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

// What events say in a line of the journal.

extension EpochReport {
  /// The epoch in a line: “epoch 3  88.14 %  loss 0.3541  train 0.3120”.
  var summary: String {
    var text = "epoch \(epoch)  \(Figure.percent(validationAccuracy))"
    // The loss of the untrained network says nothing about the training.
    if step > 0 { text += "  loss \(Figure.value(validationLoss))" }
    if let trainLoss, trainLoss.isFinite { text += "  train \(Figure.value(trainLoss))" }
    return text
  }
}

extension JournalEntry.Change {
  /// The change in a line: “learning rate 1e-3 → 3e-4”, with steps grouped as everywhere on the screen.
  var summary: String {
    if case .rewound(let step) = self { "rewound from step \(NumberFormat.grouped(step))" } else { words }
  }
}

extension LaneResult {
  /// The end of a lane in a line.
  var summary: String {
    if let failure { return "ended: \(failure)" }
    var text = wasStopped ? "stopped" : "finished"
    if let testAccuracy { text += ": test \(Figure.percent(testAccuracy))" }
    if let bestValidationAccuracy, let bestEpoch {
      text += ", best validation \(Figure.percent(bestValidationAccuracy)) @\(bestEpoch)"
    }
    return text
  }
}

extension RunDescription.Fork {
  /// What was changed at the fork: “ with learning rate 3e-4, dropout 0.2”; empty where nothing was.
  var changes: String {
    if settings.isEmpty { return "" }
    return " with " + settings.map { "\($0.hyperparameter.specification.title) \($0.value)" }.joined(separator: ", ")
  }
}

extension HealthReport.Severity {
  /// How much a line about it matters.
  var weight: LogEntry.Weight {
    switch self {
    case .information: .plain
    case .warning: .warning
    case .error: .bad
    }
  }
}

extension Checkpoint.Reason {
  /// Why it was written, in a word or two.
  var title: String {
    switch self {
    case .start: "start"
    case .periodic: "periodic"
    case .best: "best"
    case .change: "before a change"
    case .asked: "asked for"
    case .stop: "stop"
    case .end: "end"
    case .fork: "fork"
    }
  }
}
