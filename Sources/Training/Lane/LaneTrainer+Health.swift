import Datasets
import EngineProtocol
import Foundation
import NeuralNetworks
import TrainingMetrics

// The health watch of a lane. It reads measurements, and changes nothing that training depends on.

extension LaneTrainer {
  /// Lets the watch look at an update.
  func watch(_ outcome: LaneModel.StepOutcome) {
    guard isRecording else { return }
    let plan = model.plan
    let step = HealthStep(
      step: model.step, epoch: epochPosition, loss: outcome.loss,
      guess: plan.guessLoss(classes: data.dataset.classes.count),
      plan: plan)
    tell(health.see(step, branch: branch))
  }

  /// Lets the watch look at the end of an epoch.
  func watch(_ validation: LaneModel.Evaluation, _ layers: [LayerDiagnostics]) {
    guard let trainLoss = sums.meanLoss else { return }
    let (plan, classes) = (model.plan, data.dataset.classes.count)
    let end = HealthEpoch(
      epoch: epoch, step: model.step, start: model.step - sums.steps, trainLoss: trainLoss,
      validationLoss: validation.loss, accuracy: validation.accuracy, classes: classes,
      guess: plan.guessLoss(classes: classes), rate: plan.schedule.rate(atEpoch: Double(epoch), of: plan.epochs),
      firstRate: plan.schedule.rate(atEpoch: plan.schedule.warmUpEpochs, of: plan.epochs), layers: layers, plan: plan)
    tell(health.see(end, branch: branch))
  }

  /// Reports that the lane ends because a number is not finite.
  func tellOfNonFinite(_ figure: HealthFinding.Figure, _ description: String) {
    guard isRecording else { return }
    let finding = HealthFinding(
      .notFinite, lane: model.plan.name, branch: branch, step: model.step + 1, epoch: epochPosition,
      since: model.step + 1, figures: [figure, .init("learningRate", latest[.learningRate].map(Double.init) ?? 0)])
    tell([
      HealthWatch.Report(
        finding: finding,
        message:
          "\(HealthFinding.Rule.notFinite.words): lane \(model.plan.name): \(description): training can't continue; "
          + "rewind to a checkpoint before it, and lower the learning rate")
    ])
  }

  private func tell(_ reports: [HealthWatch.Report]) {
    for found in reports {
      var report = HealthReport(.warning, found.message, time: Date().timeIntervalSince1970)
      report.finding = found.finding
      self.report(.health(report))
    }
  }
}
