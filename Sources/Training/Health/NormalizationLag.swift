import EngineProtocol
import Foundation
import NeuralNetworks
import Tensors
import TrainingMetrics

/// Running statistics lag behind those of a batch: the mean divergence of a normalization's channels exceeds 0.5, and the
/// validation loss is more than 1.5 times the training loss. With momenta up to 0.99, the first updates are not looked at,
/// while more than 5 % of the running statistics are the initial ones.
struct NormalizationLag: HealthRule {
  static let name = HealthFinding.Rule.normalizationLag

  mutating func see(_ epoch: HealthEpoch) -> HealthSymptom? {
    guard let momentum = epoch.plan.network.batchNormalization?.momentum,
      momentum > 0.99 || pow(Double(momentum), Double(epoch.step)) < 0.05,
      epoch.validationLoss > 1.5 * epoch.trainLoss,
      let (layer, lag) = epoch.worst(above: 0.5, \.lag?.mean)
    else { return nil }
    var suggestions: [HyperparameterSetting] = []
    if momentum > 0.9 { suggestions.append(HyperparameterSetting(.batchNormalizationMomentum, .number(0.9))) }
    return HealthSymptom(
      layer: layer.name, since: epoch.start,
      figures: [
        .init("lag", lag), .init("batchNormalizationMomentum", Double(momentum)),
        .init("trainLoss", epoch.trainLoss), .init("validationLoss", epoch.validationLoss),
      ],
      what:
        "the running statistics are far from those of a batch (divergence \(NumberFormat.significant(lag, digits: 2)))",
      why: "validation uses them, so its loss of \(NumberFormat.loss(epoch.validationLoss)) against "
        + "\(NumberFormat.loss(epoch.trainLoss)) in training is not overfitting",
      suggestions: suggestions + epoch.plan.learning(faster: 0.1, atEpoch: Double(epoch.epoch)))
  }
}
