import EngineProtocol

// What events say in a line of the journal.

extension EpochReport {
  /// The epoch in a line: “epoch 3  88.14 %  loss 0.3541  train 0.3120”.
  var summary: String {
    var text = "epoch \(epoch)  \(Figure.percent(validationAccuracy))  loss \(Figure.value(validationLoss))"
    if let trainLoss, trainLoss.isFinite { text += "  train \(Figure.value(trainLoss))" }
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
    case .runsToEpoch(let epoch): "runs to epoch \(epoch)"
    case .stopped: "stopped"
    case .rewound(let from): "rewound from step \(from)"
    case .forked(let name): "forked into \(name)"
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
