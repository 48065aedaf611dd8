package import TrainingMetrics

/// One epoch of a lane.
package struct EpochReport: Hashable, Codable, Sendable {
  /// The lane's name.
  package var lane: String
  /// The lane's branch; see `LaneBranch`.
  package var branch: Int
  /// Epochs done.
  package var epoch: Int
  /// Updates done.
  package var step: Int
  /// Mean training loss over the epoch; nil as epoch 0.
  package var trainLoss: Double?
  /// Mean loss over the validation split; as epoch 0 with statistics of a few batches in batch normalizations.
  package var validationLoss: Double
  /// Validation accuracy, 0...1.
  package var validationAccuracy: Double
  /// Validation accuracy with the latent weights in place of their signs; nil where they were not tried, which is done
  /// for binary weights that are drawn.
  package var latentValidationAccuracy: Double?
  /// The learning rate of the last update.
  package var learningRate: Double
  /// Mean flips / weights of the epoch's updates; nil as epoch 0 and without binary weights.
  package var flipRate: Double?
  /// Training throughput over the epoch, in images per second; nil as epoch 0.
  package var imagesPerSecond: Double?
  /// Seconds that the lane had worked; nil in what was recorded without it.
  package var seconds: Double?

  /// Reports an epoch.
  package init(
    lane: String, branch: Int = 1, epoch: Int, step: Int, trainLoss: Double?, validationLoss: Double,
    validationAccuracy: Double,
    latentValidationAccuracy: Double?, learningRate: Double, flipRate: Double?, imagesPerSecond: Double?,
    seconds: Double? = nil
  ) {
    self.lane = lane
    self.branch = branch
    self.epoch = epoch
    self.step = step
    self.trainLoss = trainLoss
    self.validationLoss = validationLoss
    self.validationAccuracy = validationAccuracy
    self.latentValidationAccuracy = latentValidationAccuracy
    self.learningRate = learningRate
    self.flipRate = flipRate
    self.imagesPerSecond = imagesPerSecond
    self.seconds = seconds
  }
}

/// How the binary layers of a lane stood at the end of an epoch.
package struct LayerReport: Hashable, Codable, Sendable {
  /// The lane's name.
  package var lane: String
  /// The lane's branch; see `LaneBranch`.
  package var branch: Int
  /// Updates done.
  package var step: Int
  /// Sign flips of each binary layer.
  package var flips: [FlipStatistics]
  /// Latent weights of each binary layer, in the order of `flips`.
  package var latentWeights: [Histogram]

  /// How the binary layers stood.
  package init(lane: String, branch: Int, step: Int, flips: [FlipStatistics], latentWeights: [Histogram]) {
    self.lane = lane
    self.branch = branch
    self.step = step
    self.flips = flips
    self.latentWeights = latentWeights
  }
}
