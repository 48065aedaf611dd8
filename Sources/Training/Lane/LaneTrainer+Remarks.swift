import EngineProtocol
import Foundation

// Messages about a lane's network: changes between float and binary weights, and outdated running statistics.

extension LaneTrainer {
  /// Reports that the weights have become binary, or float again.
  func tellOfStage() {
    guard isRecording else { return }
    let words = model.usesFloatWeights ? "latent weights are used unquantized" : "weights are binary"
    tell(.information, "lane \(model.plan.name): from step \(model.step) on \(words)")
  }

  /// Reports that the lane's result is not a binary network.
  func tellOfFloatResult() {
    tell(
      .warning,
      """
      lane \(model.plan.name) ended before a validation with binary weights (binaryWeightsFrom \
      \(model.plan.binaryWeightsFrom ?? 0)), so its results are those of float weights
      """)
  }

  private func tell(_ level: HealthReport.Severity, _ message: String) {
    report(.health(HealthReport(level, message, time: Date().timeIntervalSince1970)))
  }
}

/// The weight of their initial values in the running statistics of batch normalization: the product of the momenta of
/// all updates. Validation and test use running statistics, training does not.
struct StatisticsAge {
  /// The weight, 0...1.
  private(set) var firstShare = 1.0

  /// The state before the first update.
  init() {}

  /// The state in a checkpoint. Older checkpoints lack it; then the momentum is assumed to have been constant.
  init(_ state: LaneState, momentum: Float?) {
    firstShare = state.firstStatistics ?? pow(Double(momentum ?? 0), Double(state.step))
  }

  /// Called after an update.
  mutating func update(momentum: Float?) { firstShare *= Double(momentum ?? 0) }

  /// Returns a note for the user after `steps` updates; nil if the initial values no longer matter.
  func note(momentum: Float, steps: Int) -> String? {
    guard firstShare > 0.01, steps > 0 else { return nil }
    let share = firstShare >= 0.995 ? "more than 99" : "\(Int((firstShare * 100).rounded()))"
    return """
      the running statistics of batch normalization, used for validation and test, are outdated: \(share) % of their weight is still \
      that of the initial values (batchNormalizationMomentum \(momentum), \(steps) steps); lower the momentum or train longer
      """
  }
}
