import EngineProtocol
import TrainingMetrics

/// The loss rises far above its best, or stays above that of guessing.
///
/// Of each update: the moving mean of the loss over about 20 updates exceeds 3 times its lowest value so far and the loss
/// of guessing. Of each epoch from the second on: the mean loss exceeds twice that of guessing, and has fallen by less than
/// 10 % since the epoch before.
struct Divergence: HealthRule {
  static let name = HealthFinding.Rule.divergence

  private static let memory = 20.0
  private static let factor = 3.0

  private var updates = 0
  private var mean = 0.0
  private var lowestLoss = Double.infinity
  private var lowestStep = 0
  private var former: Double?

  mutating func see(_ step: HealthStep) -> HealthSymptom? {
    updates += 1
    // Until there are enough, the mean of all.
    mean += (step.loss - mean) / min(Double(updates), Self.memory)
    guard Double(updates) >= Self.memory else { return nil }
    if mean < lowestLoss { (lowestLoss, lowestStep) = (mean, step.step) }
    guard mean > Self.factor * lowestLoss, mean > step.guess else { return nil }
    return HealthSymptom(
      since: lowestStep, figures: [.init("loss", mean), .init("lowestLoss", lowestLoss)],
      what: "the training loss has risen from \(NumberFormat.loss(lowestLoss)) to \(NumberFormat.loss(mean))",
      why: "updates are so large that they destroy what was learned",
      suggestions: step.plan.learning(faster: 0.1, atEpoch: step.epoch))
  }

  mutating func see(_ epoch: HealthEpoch) -> HealthSymptom? {
    defer { former = epoch.trainLoss }
    guard let former, epoch.trainLoss > 2 * epoch.guess, epoch.trainLoss > 0.9 * former else { return nil }
    return HealthSymptom(
      since: epoch.start, figures: [.init("loss", epoch.trainLoss), .init("lossOfGuessing", epoch.guess)],
      what:
        "the training loss is \(NumberFormat.loss(epoch.trainLoss)), that of guessing \(NumberFormat.loss(epoch.guess))",
      why: epoch.isGuessing
        ? "the network is worse than guessing and does not improve"
        : "outputs are so large that each wrong answer costs far more than a guess, and this does not improve",
      suggestions: epoch.plan.learning(faster: 0.1, atEpoch: Double(epoch.epoch)))
  }
}
