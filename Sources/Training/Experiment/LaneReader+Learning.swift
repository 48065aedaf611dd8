import EngineProtocol
import NeuralNetworks
import Tensors

// How a lane learns, beside its optimizer.

extension LaneReader {
  /// Reads the keys of the loss and of the normalization's kind.
  /// - Throws: `ExperimentError`.
  func readLearning(_ lane: YAMLSection, into plan: inout LanePlan) throws {
    let smoothing = try number(.labelSmoothing, lane) ?? 0
    let kind: BatchNormalizationNumbers.Kind? = try lane.choice("batchNormalizationKind")
    plan.network.batchNormalization?.kind = kind == .standard ? nil : kind
    plan.labelSmoothing = plan.loss == .crossEntropy ? Float(smoothing) : nil
  }

  /// The keys of these that do nothing in a lane, with the reason.
  func learningKeysWithoutEffect(_ plan: LanePlan) -> [(String, String)] {
    var missing: [(String, String)] = []
    if plan.network.batchNormalization == nil {
      missing.append(("batchNormalizationKind", "it has no batch normalization"))
    }
    if plan.loss != .crossEntropy { missing.append(("labelSmoothing", "only crossEntropy has targets to smooth")) }
    return missing
  }
}
