package import TrainingMetrics

/// The results of one epoch of a lane.
package struct EpochReport: Hashable, Codable, Sendable {
  /// The lane's name.
  package var lane: String
  /// The lane's branch; see `LaneBranch`.
  package var branch: Int
  /// Epochs done.
  package var epoch: Int
  /// Updates done.
  package var step: Int
  /// Mean training loss over the epoch; nil for epoch 0.
  package var trainLoss: Double?
  /// Mean loss over the validation split. For epoch 0, batch normalization uses statistics of a few batches.
  package var validationLoss: Double
  /// Validation accuracy, 0...1.
  package var validationAccuracy: Double
  /// Validation accuracy with the latent weights instead of their signs, measured for stochastic binary weights;
  /// otherwise nil.
  package var latentValidationAccuracy: Double?
  /// The learning rate of the last update.
  package var learningRate: Double
  /// Mean flip rate (flips per weight) of the epoch's updates; nil for epoch 0 and without binary weights.
  package var flipRate: Double?
  /// Training throughput over the epoch in images per second; nil for epoch 0.
  package var imagesPerSecond: Double?
  /// Seconds of work of the lane so far; nil in older recordings.
  package var seconds: Double?
  /// When it ended, in seconds since 1970; nil if unknown.
  package var time: Double?

  /// Reports an epoch.
  package init(
    lane: String, branch: Int = 1, epoch: Int, step: Int, trainLoss: Double?, validationLoss: Double,
    validationAccuracy: Double,
    latentValidationAccuracy: Double?, learningRate: Double, flipRate: Double?, imagesPerSecond: Double?,
    seconds: Double? = nil, time: Double? = nil
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
    self.time = time
  }
}

/// The state of a lane's binary layers at the end of an epoch.
package struct LayerReport: Hashable, Codable, Sendable {
  /// The lane's name.
  package var lane: String
  /// The lane's branch; see `LaneBranch`.
  package var branch: Int
  /// Updates done.
  package var step: Int
  /// Sign flips of each binary layer.
  package var flips: [FlipStatistics]
  /// Histograms of the latent weights of each binary layer, in the order of `flips`.
  package var latentWeights: [Histogram]
  /// The figures of all layers but gradients, on the batch of `LaneDiagnostics`; nil before the first step, and in
  /// runs of older versions.
  package var diagnostics: [LayerDiagnostics]?

  /// The state of the binary layers.
  package init(
    lane: String, branch: Int, step: Int, flips: [FlipStatistics], latentWeights: [Histogram],
    diagnostics: [LayerDiagnostics]? = nil
  ) {
    self.lane = lane
    self.branch = branch
    self.step = step
    self.flips = flips
    self.latentWeights = latentWeights
    self.diagnostics = diagnostics
  }
}
