import EngineProtocol
import TrainingMetrics

/// Neither loss nor accuracy improves any more, or the network does not get better than guessing.
///
/// Guessing: the accuracy is at most 1.5 times that of guessing in two epochs in a row and 50 updates. Standstill: in 5 epochs, the
/// training loss has fallen by less than 0.5 % below its best before, the accuracy has not reached a new best, the loss is
/// still above 30 % of that of guessing, and the learning rate is at least a tenth of the first one.
struct Plateau: HealthRule {
  static let name = HealthFinding.Rule.plateau
  static let yieldsTo: Set<HealthFinding.Rule> = [
    .divergence, .frozenLayer, .flipStorm, .normalizationLag, .closedGates, .deadUnits, .clippedLayer, .overfitting,
  ]

  private static let patience = 5
  private static let updates = 50

  private var guessing: (epochs: Int, since: Int) = (0, 0)
  private var best = (loss: Double.infinity, accuracy: -Double.infinity)
  private var still: (epochs: Int, since: Int) = (0, 0)

  mutating func see(_ epoch: HealthEpoch) -> HealthSymptom? {
    let isGuessing = epoch.accuracy <= 1.5 / Double(epoch.classes)
    guessing = isGuessing ? (guessing.epochs + 1, guessing.epochs == 0 ? epoch.start : guessing.since) : (0, 0)
    let improves = epoch.trainLoss < 0.995 * best.loss || epoch.accuracy > best.accuracy
    best = (min(best.loss, epoch.trainLoss), max(best.accuracy, epoch.accuracy))
    still = improves ? (0, 0) : (still.epochs + 1, still.epochs == 0 ? epoch.start : still.since)
    let moves = epoch.flipRate ?? 1
    // A network whose weights hardly flip needs larger updates, others smaller ones.
    let suggestions = epoch.plan.learning(faster: moves < 1e-4 ? 10 : 0.1, atEpoch: Double(epoch.epoch))
    if guessing.epochs >= 2, epoch.step - guessing.since >= Self.updates {
      return HealthSymptom(
        since: guessing.since, figures: [.init("accuracy", epoch.accuracy), .init("loss", epoch.trainLoss)],
        what: "the validation accuracy is \(NumberFormat.percent(epoch.accuracy)), as good as guessing",
        why: "the network has not learned anything yet", suggestions: suggestions)
    }
    guard still.epochs >= Self.patience, epoch.trainLoss > 0.3 * epoch.guess, epoch.rate >= 0.1 * epoch.firstRate
    else { return nil }
    return HealthSymptom(
      since: still.since, figures: [.init("loss", epoch.trainLoss), .init("accuracy", epoch.accuracy)],
      what: "the training loss stays at \(NumberFormat.loss(epoch.trainLoss)), the accuracy below "
        + NumberFormat.percent(best.accuracy),
      why: "\(still.epochs) epochs have not improved the network",
      suggestions: suggestions)
  }
}
