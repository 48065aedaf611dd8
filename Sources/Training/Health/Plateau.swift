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

  private var guessing = Spell()
  private var still = Spell()
  private var bestLoss = Double.infinity
  private var bestAccuracy = -Double.infinity

  mutating func see(_ epoch: HealthEpoch) -> HealthSymptom? {
    guessing.see(epoch.isGuessing, epoch)
    still.see(epoch.trainLoss >= 0.995 * bestLoss && epoch.accuracy <= bestAccuracy, epoch)
    bestLoss = min(bestLoss, epoch.trainLoss)
    bestAccuracy = max(bestAccuracy, epoch.accuracy)
    // A network whose weights hardly flip needs larger updates, others smaller ones.
    let hardlyFlips = (epoch.flipRate ?? 1) < 1e-4
    let course = epoch.plan.learning(faster: hardlyFlips ? 10 : 0.1, atEpoch: Double(epoch.epoch))
    if guessing.epochs >= 2, epoch.step - guessing.since >= Self.updates {
      let (why, remedy) = epoch.remedy("the network has not learned anything yet")
      return HealthSymptom(
        since: guessing.since, figures: [.init("accuracy", epoch.accuracy), .init("loss", epoch.trainLoss)],
        what: "the validation accuracy is \(NumberFormat.percent(epoch.accuracy)), as good as guessing",
        why: why, suggestions: hardlyFlips ? remedy : course)
    }
    guard still.epochs >= Self.patience, epoch.trainLoss > 0.3 * epoch.guess, epoch.rate >= 0.1 * epoch.firstRate
    else { return nil }
    return HealthSymptom(
      since: still.since, figures: [.init("loss", epoch.trainLoss), .init("accuracy", epoch.accuracy)],
      what: "the training loss stays at \(NumberFormat.loss(epoch.trainLoss)), the accuracy below "
        + NumberFormat.percent(bestAccuracy),
      why: "\(still.epochs) epochs have not improved the network",
      suggestions: course)
  }
}
