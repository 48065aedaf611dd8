import EngineProtocol
import NeuralNetworks
import Tensors

// How a lane learns, beside its optimizer.

extension LaneReader {
  /// Reads the keys of the loss, of the normalization's kind and of the stages.
  /// - Throws: `ExperimentError`.
  func readLearning(_ lane: YAMLSection, into plan: inout LanePlan) throws {
    let smoothing = try number(.labelSmoothing, lane) ?? 0
    let kind: BatchNormalizationNumbers.Kind? = try lane.choice("batchNormalizationKind")
    plan.network.batchNormalization?.kind = kind == .standard ? nil : kind
    let epochs = try number(.binaryWeightsFrom, lane) ?? 0
    plan.binaryWeightsFrom = plan.hasLatentWeights ? Int(epochs) : nil
    plan.labelSmoothing = plan.loss == .crossEntropy ? Float(smoothing) : nil
  }

  /// The keys of these that do nothing in a lane, with the reason.
  func learningKeysWithoutEffect(_ plan: LanePlan) -> [(String, String)] {
    var missing: [(String, String)] = []
    if plan.network.batchNormalization == nil {
      missing.append(("batchNormalizationKind", "it has no batch normalization"))
    }
    if !plan.hasLatentWeights { missing.append(("binaryWeightsFrom", "it has no latent weights")) }
    if plan.loss != .crossEntropy { missing.append(("labelSmoothing", "only crossEntropy has targets to smooth")) }
    return missing
  }
}
