import EngineProtocol

// What events say in a line of the journal.

extension EpochReport {
  /// The epoch in a line: “epoch 3: validation 88.1 %, loss 0.334, training loss 0.312”.
  var summary: String {
    var text = "epoch \(epoch): validation \(Figure.percent(validationAccuracy)), loss \(Figure.value(validationLoss))"
    if trainLoss.isFinite { text += ", training loss \(Figure.value(trainLoss))" }
    if let flipRate { text += ", flips \(Figure.rate(flipRate))" }
    return text
  }
}

extension JournalEntry.Change {
  /// The change in a line: “learning rate 1e-3 → 3e-4”.
  var summary: String {
    switch self {
    case .set(let hyperparameter, let old, let new): "\(hyperparameter.specification.title) \(old) → \(new)"
    case .paused: "paused"
    case .resumed: "goes on"
    case .stepped: "one step"
    case .stopped: "stopped"
    }
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
