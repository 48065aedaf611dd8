import EngineProtocol
import NeuralNetworks

// What a lane learns from beside its network and its optimizer.

extension LaneReader {
  /// Reads the keys of the loss.
  /// - Throws: `ExperimentError`.
  func readLearning(_ lane: YAMLSection, into plan: inout LanePlan) throws {
    let smoothing = try number(.labelSmoothing, lane) ?? 0
    plan.labelSmoothing = plan.loss == .crossEntropy ? Float(smoothing) : nil
  }

  /// The keys of these that do nothing in a lane, with the reason.
  func learningKeysWithoutEffect(_ plan: LanePlan) -> [(String, String)] {
    var missing: [(String, String)] = []
    if plan.loss != .crossEntropy { missing.append(("labelSmoothing", "only crossEntropy has targets to smooth")) }
    return missing
  }
}
