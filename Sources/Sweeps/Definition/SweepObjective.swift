package import EngineProtocol

/// What a sweep looks for: a measure of a lane on the validation images.
package struct SweepObjective: Hashable, Codable, Sendable {
  /// A measure of a lane after some epochs.
  package enum Measure: String, Codable, Sendable, CaseIterable {
    /// The best validation accuracy so far: that of the weights which the run keeps.
    case validationAccuracy
    /// The validation accuracy of the newest epoch.
    case lastValidationAccuracy
    /// The lowest validation loss so far.
    case validationLoss
    /// The validation loss of the newest epoch.
    case lastValidationLoss

    /// Whether larger values are better.
    package var isMaximized: Bool { self == .validationAccuracy || self == .lastValidationAccuracy }
    /// Whether the best epoch so far counts, not the newest one.
    var isOfBestEpoch: Bool { self == .validationAccuracy || self == .validationLoss }
  }

  /// The lane's name.
  package var lane: String
  /// What is measured.
  package var measure: Measure

  /// A measure of a lane.
  package init(lane: String, measure: Measure) { (self.lane, self.measure) = (lane, measure) }

  /// The objective as it is written in a sweep: “binary.validationAccuracy”.
  package var text: String { "\(lane).\(measure.rawValue)" }

  /// Returns whether `first` is a better value than `second`.
  package func isBetter(_ first: Double, than second: Double) -> Bool {
    measure.isMaximized ? first > second : first < second
  }

  /// Returns the value after the epochs of one lane, in order; nil if there are none.
  ///
  /// Epoch 0, before the first update, counts only while there is no other.
  package func value(_ epochs: [TrialEpoch]) -> Double? {
    let trained = epochs.filter { $0.epoch > 0 }
    let values = (trained.isEmpty ? epochs : trained).map(value(of:)).filter(\.isFinite)
    guard measure.isOfBestEpoch else { return values.last }
    return measure.isMaximized ? values.max() : values.min()
  }

  private func value(of epoch: TrialEpoch) -> Double {
    switch measure {
    case .validationAccuracy, .lastValidationAccuracy: epoch.validationAccuracy
    case .validationLoss, .lastValidationLoss: epoch.validationLoss
    }
  }
}
