import EngineProtocol
import Foundation

// What a lane tells of its networks: that its weights become binary in mid-training, and that running statistics lag.

extension LaneTrainer {
  /// Tells that the weights have become binary, or float again.
  func tellOfStage() {
    guard isRecording else { return }
    let words = model.usesFloatWeights ? "latent weights are used as they are" : "weights are binary"
    tell(.information, "lane \(model.plan.name): from step \(model.step) on \(words)")
  }

  /// Tells that what the lane came to is no binary network.
  func tellOfFloatResult() {
    tell(
      .warning,
      """
      lane \(model.plan.name) ended before a validation with binary weights (binaryWeightsFrom \
      \(model.plan.binaryWeightsFrom ?? 0)): its results are those of float weights
      """)
  }

  private func tell(_ level: HealthReport.Severity, _ message: String) {
    report(.health(HealthReport(level, message, time: Date().timeIntervalSince1970)))
  }
}

/// How much of their first values the running statistics of batch normalization still hold: the product of the momenta of
/// all updates. Validation and test compute with them, training does not.
struct StatisticsAge {
  /// The share, 0...1.
  private(set) var firstShare = 1.0

  /// Before the first update.
  init() {}

  /// As in a checkpoint; in an older one, which does not tell, as if the momentum had always been this.
  init(_ state: LaneState, momentum: Float?) {
    firstShare = state.firstStatistics ?? pow(Double(momentum ?? 0), Double(state.step))
  }

  /// Takes note of an update.
  mutating func update(momentum: Float?) { firstShare *= Double(momentum ?? 0) }

  /// What a person should know of it after `steps` updates; nil where the statistics have forgotten their first values.
  func note(momentum: Float, steps: Int) -> String? {
    guard firstShare > 0.01, steps > 0 else { return nil }
    let share = firstShare >= 0.995 ? "more than 99" : "\(Int((firstShare * 100).rounded()))"
    return """
      batch normalization validates and tests with running statistics that lag: \(share) % of them is still what they \
      began with (batchNormalizationMomentum \(momentum), \(steps) steps); lower the momentum or train longer
      """
  }
}
