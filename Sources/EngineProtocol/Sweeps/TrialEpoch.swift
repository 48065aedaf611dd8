/// What a lane has measured at the end of an epoch.
package struct TrialEpoch: Hashable, Codable, Sendable {
  /// Epochs done.
  package var epoch: Int
  /// Validation accuracy, 0...1.
  package var validationAccuracy: Double
  /// Mean loss over the validation images.
  package var validationLoss: Double
  /// Mean training loss over the epoch; nil for epoch 0.
  package var trainLoss: Double?
  /// Seconds of work of the lane so far.
  package var seconds: Double?

  /// The measures of an epoch.
  package init(
    epoch: Int, validationAccuracy: Double, validationLoss: Double, trainLoss: Double? = nil, seconds: Double? = nil
  ) {
    self.epoch = epoch
    self.validationAccuracy = validationAccuracy
    self.validationLoss = validationLoss
    self.trainLoss = trainLoss
    self.seconds = seconds
  }
}
