package import TrainingMetrics

/// What happened in the engine. Events are never dropped and come in order; how things stand is in the `Snapshot`.
package enum EngineEvent: Hashable, Codable, Sendable {
  /// The answer to `EngineCommand.describeCatalog`.
  case catalog(Catalog)
  /// The lanes start.
  case started(RunDescription)
  /// New points of a lane's metric series.
  case points(lane: String, MetricKey, [MetricPoint])
  /// A lane has ended an epoch and validated; also before the first step, as epoch 0.
  case epoch(EpochReport)
  /// A command took effect in a lane, at the entry's step.
  case applied(CommandID, JournalEntry)
  /// A command was not carried out; the words say why.
  case refused(CommandID, String)
  /// A lane has ended; the result of what it learned.
  case laneEnded(LaneResult)
  /// Every lane has ended.
  case finished
  /// Nothing could be started, or all is lost: the words say why.
  case failed(String)
}

/// One epoch of a lane.
package struct EpochReport: Hashable, Codable, Sendable {
  /// The lane's name.
  package var lane: String
  /// Epochs done.
  package var epoch: Int
  /// Updates done.
  package var step: Int
  /// Mean training loss over the epoch; NaN as epoch 0.
  package var trainLoss: Double
  /// Mean loss over the validation split.
  package var validationLoss: Double
  /// Validation accuracy, 0...1.
  package var validationAccuracy: Double
  /// Validation accuracy with the latent weights in place of their signs; nil without binary weights.
  package var latentValidationAccuracy: Double?
  /// The learning rate of the last update.
  package var learningRate: Double
  /// Mean flips / weights of the epoch's updates; nil without binary weights.
  package var flipRate: Double?
  /// Training throughput over the epoch.
  package var imagesPerSecond: Double

  /// Reports an epoch.
  package init(
    lane: String, epoch: Int, step: Int, trainLoss: Double, validationLoss: Double, validationAccuracy: Double,
    latentValidationAccuracy: Double?, learningRate: Double, flipRate: Double?, imagesPerSecond: Double
  ) {
    self.lane = lane
    self.epoch = epoch
    self.step = step
    self.trainLoss = trainLoss
    self.validationLoss = validationLoss
    self.validationAccuracy = validationAccuracy
    self.latentValidationAccuracy = latentValidationAccuracy
    self.learningRate = learningRate
    self.flipRate = flipRate
    self.imagesPerSecond = imagesPerSecond
  }
}

/// What a lane has come to.
package struct LaneResult: Hashable, Codable, Sendable {
  /// The lane's name.
  package var lane: String
  /// Why the lane failed; nil when it ended as asked.
  package var failure: String?
  /// Whether the lane was stopped before its last epoch.
  package var wasStopped: Bool
  /// Accuracy on the test set with the weights of the best validation, 0...1; nil for a lane without a validation.
  package var testAccuracy: Double?
  /// The best validation accuracy, 0...1.
  package var bestValidationAccuracy: Double?
  /// Epochs done at the best validation.
  package var bestEpoch: Int?
  /// SHA-256 of the weights of the best validation, in hexadecimal.
  package var weightsSHA256: String?
  /// How many numbers the network learned.
  package var parameters: Int
  /// Seconds of training, validation included.
  package var seconds: Double
  /// Updates done.
  package var steps: Int

  /// Reports the end of a lane.
  package init(
    lane: String, failure: String?, wasStopped: Bool, testAccuracy: Double?, bestValidationAccuracy: Double?,
    bestEpoch: Int?, weightsSHA256: String?, parameters: Int, seconds: Double, steps: Int
  ) {
    self.lane = lane
    self.failure = failure
    self.wasStopped = wasStopped
    self.testAccuracy = testAccuracy
    self.bestValidationAccuracy = bestValidationAccuracy
    self.bestEpoch = bestEpoch
    self.weightsSHA256 = weightsSHA256
    self.parameters = parameters
    self.seconds = seconds
    self.steps = steps
  }
}
