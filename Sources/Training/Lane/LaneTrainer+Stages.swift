import EngineProtocol
import Foundation

// The stages of a lane whose weights become binary in mid-training.

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
