/// The result of a lane.
package struct LaneResult: Hashable, Codable, Sendable {
  /// The lane's name.
  package var lane: String
  /// Why the lane failed; nil if it did not.
  package var failure: String?
  /// Whether the lane was stopped before its last epoch.
  package var wasStopped: Bool
  /// Accuracy on the test set with the weights of the best validation, 0...1; nil if the lane was never validated.
  package var testAccuracy: Double?
  /// The best validation accuracy, 0...1.
  package var bestValidationAccuracy: Double?
  /// Epochs done at the best validation, counting a stopped epoch.
  package var bestEpoch: Int?
  /// SHA-256 of the weights of the best validation, in hexadecimal.
  package var weightsSHA256: String?
  /// Number of parameters of the network.
  package var parameters: Int
  /// Seconds of training, validation included.
  package var seconds: Double
  /// Updates done.
  package var steps: Int
  /// Changes of the steering script that were refused or not reached, each with the reason; nil for none.
  package var missed: [String]?
  /// Remarks about the result; nil for none.
  package var notes: [String]?

  /// Whether the lane was trained to its last epoch.
  package var hasFinished: Bool { failure == nil && !wasStopped }

  /// Whether the lane was trained to its last epoch with every change of its steering script.
  package var hasDoneAll: Bool { hasFinished && missed == nil }

  /// How the lane ended, for display: “finished”, “stopped at step 40”, “failed at step 8: the loss is NaN …”.
  package var end: String {
    if let failure { return "failed at step \(steps): \(failure)" }
    return wasStopped ? "stopped at step \(steps)" : "finished"
  }

  /// Sentences to show beside the figures: the failure, missed changes of the script, and remarks.
  package var remarks: [String] {
    (failure == nil ? [] : ["lane \(lane) \(end)"]) + (missed ?? []) + (notes ?? []).map { "lane \(lane): \($0)" }
  }

  /// Reports the end of a lane.
  package init(
    lane: String, failure: String?, wasStopped: Bool, testAccuracy: Double?, bestValidationAccuracy: Double?,
    bestEpoch: Int?, weightsSHA256: String?, parameters: Int, seconds: Double, steps: Int,
    missed: [String]? = nil, notes: [String]? = nil
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
    self.missed = missed
    self.notes = notes
  }
}
