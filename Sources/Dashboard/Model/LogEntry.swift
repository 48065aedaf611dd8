package import EngineProtocol
import TerminalUI
import TrainingMetrics

/// A line of the journal screen.
package struct LogEntry: Hashable, Sendable {
  /// How important the line is, which determines its colour.
  package enum Weight: Hashable, Sendable {
    /// A normal event: the end of an epoch, a pause.
    case plain
    /// A periodic checkpoint.
    case faint
    /// A note.
    case note
    /// A hyperparameter that changed.
    case change
    /// A success.
    case good
    /// A command that was refused.
    case warning
    /// A failure.
    case bad
  }

  /// What the line is about.
  package enum Subject: Hashable, Sendable {
    /// A command that took effect, or a note.
    case entry(JournalEntry)
    /// A checkpoint.
    case checkpoint(Checkpoint)
    /// What the health watch has seen.
    case finding(HealthFinding)
    /// Anything else, on a branch of the lane if it is known.
    case other(branch: Int? = nil)
  }

  /// Seconds since the lanes started.
  package var seconds: Double
  /// The lane; nil if the line is about the whole run.
  package var lane: String?
  /// The step; nil if there is none.
  package var step: Int?
  /// What happened.
  package var text: String
  /// How important it is.
  package var weight: Weight

  /// What it is about.
  package var subject: Subject

  /// A line of the journal.
  package init(
    seconds: Double, lane: String? = nil, step: Int? = nil, text: String, weight: Weight = .plain,
    subject: Subject = .other()
  ) {
    self.subject = subject
    self.seconds = seconds
    self.lane = lane
    self.step = step
    self.text = text
    self.weight = weight
  }

  /// The branch of the lane; nil if it is unknown.
  package var branch: Int? {
    switch subject {
    case .entry(let entry): entry.branch
    case .checkpoint(let checkpoint): checkpoint.branch
    case .finding(let finding): finding.branch
    case .other(let branch): branch
    }
  }

  /// Returns whether the line contains `filter`, ignoring case; always true for an empty filter.
  package func matches(_ filter: String) -> Bool {
    filter.isEmpty || searchText.contains(filter.lowercased())
  }

  private var searchText: String { "\(lane ?? "") \(step.map(String.init) ?? "") \(text)".lowercased() }
}

// The text of events in the journal.

extension EpochReport {
  /// The epoch for display: “epoch 3  88.14 %  loss 0.3541  train 0.3120”.
  var summary: String {
    var text = "epoch \(epoch)  \(Figure.percent(validationAccuracy))"
    // The loss of the untrained network says nothing about the training.
    if step > 0 { text += "  loss \(Figure.value(validationLoss))" }
    if let trainLoss, trainLoss.isFinite { text += "  train \(Figure.value(trainLoss))" }
    return text
  }
}

extension JournalEntry.Change {
  /// The change for display: “learning rate 1e-3 → 3e-4”, with thousands separators in steps.
  var summary: String {
    if case .rewound(let step) = self { "rewound from step \(NumberFormat.grouped(step))" } else { words }
  }
}

extension LaneResult {
  /// The end of a lane for display.
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
  /// The changes of a fork: “ with learning rate 3e-4, dropout 0.2”; empty if there are none.
  var changes: String {
    if settings.isEmpty { return "" }
    return " with " + settings.map { "\($0.hyperparameter.specification.title) \($0.value)" }.joined(separator: ", ")
  }
}

extension HealthReport.Severity {
  /// How important a line about it is.
  var weight: LogEntry.Weight {
    switch self {
    case .information: .plain
    case .warning: .warning
    case .error: .bad
    }
  }
}

extension Checkpoint.Reason {
  /// Why it was written, in one or two words.
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
