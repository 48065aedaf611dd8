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
  /// Epochs done at the best validation; one that a stop broke off counts.
  package var bestEpoch: Int?
  /// SHA-256 of the weights of the best validation, in hexadecimal.
  package var weightsSHA256: String?
  /// How many numbers the network learned.
  package var parameters: Int
  /// Seconds of training, validation included.
  package var seconds: Double
  /// Updates done.
  package var steps: Int

  /// Whether the lane was trained as asked.
  package var hasFinished: Bool { failure == nil && !wasStopped }

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
