import EngineProtocol
import NeuralNetworks
import TrainingMetrics

/// Validation gets worse while training gets better: the validation loss is more than 1.1 times its lowest, and above it
/// by more than 5 % of the loss of guessing; the training loss has fallen by 30 % since, and is less than half of the
/// validation loss and than the loss of guessing.
struct Overfitting: HealthRule {
  static let name = HealthFinding.Rule.overfitting
  static let yieldsTo: Set<HealthFinding.Rule> = [.normalizationLag, .divergence]

  private struct Losses: Codable {
    var validation, train: Double
    var step: Int
  }
  // Those of the lowest validation loss.
  private var lowest: Losses?

  mutating func see(_ epoch: HealthEpoch) -> HealthSymptom? {
    guard let lowest, epoch.validationLoss >= lowest.validation else {
      lowest = Losses(validation: epoch.validationLoss, train: epoch.trainLoss, step: epoch.step)
      return nil
    }
    guard epoch.validationLoss > 1.1 * lowest.validation,
      epoch.validationLoss - lowest.validation > 0.05 * epoch.guess,
      epoch.trainLoss < 0.7 * lowest.train, epoch.trainLoss < min(0.5 * epoch.validationLoss, epoch.guess)
    else { return nil }
    let dropout = Double(epoch.plan.network.dropout)
    var suggestions: [HyperparameterSetting] = []
    if dropout < 0.5 { suggestions.append(HyperparameterSetting(.dropout, .number(dropout < 0.2 ? 0.2 : 0.5))) }
    let decay = Double(epoch.plan.optimizer.weightDecay)
    suggestions.append(
      HyperparameterSetting(.weightDecay, decay == 0 ? .number(1e-4) : .twoDigits(10 * decay)))
    return HealthSymptom(
      since: lowest.step,
      figures: [
        .init("validationLoss", epoch.validationLoss), .init("lowestValidationLoss", lowest.validation),
        .init("trainLoss", epoch.trainLoss),
      ],
      what: "the validation loss has risen from \(NumberFormat.loss(lowest.validation)) to "
        + "\(NumberFormat.loss(epoch.validationLoss)), and the training loss is \(NumberFormat.loss(epoch.trainLoss))",
      why: "the network memorizes its training images", suggestions: suggestions)
  }
}
