import Datasets
import EngineProtocol
import NeuralNetworks
import Tensors
import TrainingMetrics

/// The training loop of a lane, on the lane's thread.
final class LaneTrainer {
  private let model: LaneModel
  private let data: LaneData
  private let mailbox: LaneMailbox
  private let record: LaneRecord
  private let report: (EngineEvent) -> Void

  private let binaryWeightCount: Int
  private let clock = LaneClock()
  private var state = LaneSnapshot.State.validating
  private var epoch = 0
  private var position = 0
  private var imageOrder: [Int32] = []
  private var best = BestWeights()
  private var throughput = Throughput()
  private var latest: [Metric: Float] = [:]
  private var latentHistograms: [Histogram] = []
  private var testAccuracy: Double?
  // The epoch's sums.
  private var sums = EpochSums()
  // What was ordered.
  private var isPaused = false
  private var isStopped = false
  private var stepsAllowed: [CommandID] = []
  private var holdAtEpoch: (epoch: Int, command: CommandID)?

  init(
    _ model: LaneModel, data: LaneData, mailbox: LaneMailbox, record: LaneRecord,
    report: @escaping (EngineEvent) -> Void
  ) {
    self.model = model
    self.data = data
    self.mailbox = mailbox
    self.record = record
    self.report = report
    binaryWeightCount = model.binaryLayers.reduce(0) { $0 + $1.weights.count }
  }

  /// Trains until all epochs are done, or the lane is stopped, or its loss is no number; then tests.
  func run() {
    validate()
    var failure: String?
    while failure == nil {
      // Before the look at the epochs: an order may hold the lane after its last one, or give it more.
      readMailbox()
      if isStopped || epoch >= model.plan.epochs { break }
      failure = trainOneBatch()
    }
    finish(failure: failure)
  }

  // MARK: One batch

  private var epochPosition: Double {
    Double(epoch) + Double(position) / Double(max(1, data.split.training.count))
  }

  private func trainOneBatch() -> String? {
    if position == 0 { imageOrder = data.batches.order(epoch: epoch) }
    let end = min(imageOrder.count, position + model.plan.batchSize)
    let batch = imageOrder[position..<end]
    let result = clock.measureUpdate { () -> Result<LaneModel.StepOutcome, LaneModel.StepFailure> in
      do throws(LaneModel.StepFailure) {
        return .success(try model.train(on: batch, epoch: epochPosition))
      } catch {
        return .failure(error)
      }
    }
    let outcome: LaneModel.StepOutcome
    switch result {
    case .success(let success): outcome = success
    case .failure(let failure): return describe(failure)
    }
    position = end
    throughput.add(images: batch.count, seconds: clock.lastDuration)
    sums.add(outcome, images: batch.count, seconds: clock.lastDuration)
    recordStep(outcome)
    if position == imageOrder.count {
      epoch += 1
      position = 0
      validate()
      holdIfAsked()
    } else {
      publish(urgent: false)
    }
    acknowledgeStep()
    return nil
  }

  private func describe(_ failure: LaneModel.StepFailure) -> String {
    let step = model.step + 1
    let what: String
    switch failure {
    case .loss(let loss):
      record.append([(MetricKey(.trainLoss), Float(loss))], step: step)
      what = "the loss is \(loss.isNaN ? "NaN" : "infinite") at step \(step)"
    case .gradient:
      record.append([(MetricKey(.gradientNorm), .nan)], step: step)
      what = "the gradient is not finite at step \(step)"
    }
    let rate = HyperparameterValue.number(model.plan.schedule.rate(atEpoch: epochPosition, of: model.plan.epochs))
    let last = latest[.trainLoss].map { "; the last good loss was \($0) at step \(model.step)" } ?? ""
    return "\(what)\(last), learning rate \(rate)"
  }

  private func recordStep(_ outcome: LaneModel.StepOutcome) {
    latest[.trainLoss] = Float(outcome.loss)
    latest[.gradientNorm] = Float(outcome.gradientNorm)
    latest[.learningRate] = Float(outcome.learningRate)
    latest[.imagesPerSecond] = Float(throughput.imagesPerSecond)
    var values: [(MetricKey, Float)] = [
      (MetricKey(.trainLoss), Float(outcome.loss)),
      (MetricKey(.gradientNorm), Float(outcome.gradientNorm)),
      (MetricKey(.learningRate), Float(outcome.learningRate)),
      (MetricKey(.imagesPerSecond), Float(throughput.imagesPerSecond)),
    ]
    if binaryWeightCount > 0 {
      let rate = Float(outcome.flips) / Float(binaryWeightCount)
      latest[.flipRate] = rate
      values.append((MetricKey(.flipRate), rate))
      for (layer, weights) in model.binaryLayers {
        values.append((MetricKey(.flipRate, layer: layer), Float(weights.newestFlips) / Float(max(1, weights.count))))
      }
      if model.step % 50 == 0 { latentHistograms = model.latentHistograms(stride: 17) }
    }
    record.append(values, step: model.step)
  }

  // MARK: Validation and the end

  private func validate() {
    setState(.validating)
    let images = data.dataset.training
    var latentAccuracy: Double?
    if model.drawsBinaryWeights {
      // With the statistics that training has gathered, before those of the deterministic network replace them.
      latentAccuracy = clock.measure {
        model.evaluate(images, data.split.validation, usesLatentWeights: true).accuracy
      }
      clock.measure { model.estimateStatistics() }
    }
    let validation = clock.measure { model.evaluate(images, data.split.validation) }
    best.offer(model.network.state, accuracy: validation.accuracy, epoch: epoch)
    latest[.validationLoss] = Float(validation.loss)
    latest[.validationAccuracy] = Float(validation.accuracy)
    record.append(
      [
        (MetricKey(.validationLoss), Float(validation.loss)),
        (MetricKey(.validationAccuracy), Float(validation.accuracy)),
      ], step: model.step)
    latentHistograms = model.latentHistograms(stride: 1)
    let rate = latest[.learningRate].map(Double.init) ?? model.plan.schedule.rate(atEpoch: 0, of: model.plan.epochs)
    report(
      .epoch(
        EpochReport(
          lane: model.plan.name, epoch: epoch, step: model.step, trainLoss: sums.meanLoss,
          validationLoss: validation.loss, validationAccuracy: validation.accuracy,
          latentValidationAccuracy: latentAccuracy, learningRate: rate,
          flipRate: sums.meanFlipRate(weights: binaryWeightCount),
          imagesPerSecond: sums.imagesPerSecond)))
    sums = EpochSums()
    setState(.training)
  }

  private func finish(failure: String?) {
    var digest: String?
    if !best.isEmpty {
      setState(.testing)
      best.restore(to: model.network.state)
      let test = data.dataset.test
      testAccuracy = clock.measure { model.evaluate(test, Array(0..<Int32(test.count))).accuracy }
      digest = TensorDigest.sha256(best.tensors)
    }
    setState(failure.map(LaneSnapshot.State.failed) ?? (isStopped ? .stopped : .finished))
    let unanswered =
      mailbox.takeAll(closing: true).map(\.command) + stepsAllowed + [holdAtEpoch?.command].compactMap(\.self)
    for command in unanswered { report(.refused(command, "lane \(model.plan.name) has ended")) }
    report(
      .laneEnded(
        LaneResult(
          lane: model.plan.name, failure: failure, wasStopped: isStopped, testAccuracy: testAccuracy,
          bestValidationAccuracy: best.isEmpty ? nil : best.accuracy, bestEpoch: best.isEmpty ? nil : best.epoch,
          weightsSHA256: digest, parameters: model.network.parameterCount, seconds: clock.activeSeconds,
          steps: model.step)))
  }

  // MARK: Orders

  private func readMailbox() {
    handleLetters()
    while isPaused, stepsAllowed.isEmpty, !isStopped {
      if state != .paused { setState(.paused) }
      mailbox.wait()
      handleLetters()
    }
    if state == .paused, !isStopped { setState(.training) }
  }

  private func handleLetters() {
    for letter in mailbox.takeAll() { handle(letter) }
  }

  private func handle(_ letter: LaneMailbox.Letter) {
    switch letter.order {
    case .pause:
      guard !isPaused else { return refuse(letter, "lane \(model.plan.name) is paused already") }
      isPaused = true
      apply(letter.command, .paused)
    case .resume:
      guard isPaused else { return refuse(letter, "lane \(model.plan.name) is not paused") }
      isPaused = false
      apply(letter.command, .resumed)
    case .singleStep:
      guard isPaused else { return refuse(letter, "lane \(model.plan.name) is not paused: pause it to step") }
      stepsAllowed.append(letter.command)
    case .runToEpoch(let target):
      guard target > epoch, target <= model.plan.epochs else {
        return refuse(
          letter,
          "run to epoch: expected \(epoch + 1)...\(model.plan.epochs) for lane \(model.plan.name), found \(target)")
      }
      holdAtEpoch = (target, letter.command)
      isPaused = false
      apply(letter.command, .runsToEpoch(target))
    case .stop:
      isStopped = true
      apply(letter.command, .stopped)
    case .set(let hyperparameter, let value):
      set(hyperparameter, value, letter)
    }
  }

  private func set(_ hyperparameter: Hyperparameter, _ value: HyperparameterValue, _ letter: LaneMailbox.Letter) {
    do {
      let old = model.plan.value(of: hyperparameter, atEpoch: epochPosition)
      try model.set(hyperparameter, to: value, epoch: epochPosition)
      apply(letter.command, .set(hyperparameter, old: old ?? value, new: value))
    } catch {
      refuse(letter, "\(error)")
    }
  }

  private func holdIfAsked() {
    guard let hold = holdAtEpoch, epoch >= hold.epoch else { return }
    holdAtEpoch = nil
    isPaused = true
    apply(hold.command, .paused)
  }

  private func acknowledgeStep() {
    guard !stepsAllowed.isEmpty else { return }
    apply(stepsAllowed.removeFirst(), .stepped)
  }

  private func apply(_ command: CommandID, _ change: JournalEntry.Change) {
    publish(urgent: true)
    report(
      .applied(
        command,
        JournalEntry(lane: model.plan.name, step: model.step, change: change, seconds: clock.activeSeconds)))
  }

  private func refuse(_ letter: LaneMailbox.Letter, _ reason: String) { report(.refused(letter.command, reason)) }

  // MARK: How the lane stands

  private func setState(_ newState: LaneSnapshot.State) {
    state = newState
    publish(urgent: true)
  }

  // At most 30 a second, unless something has changed that must be seen at once.
  private func publish(urgent: Bool) {
    guard clock.isTimeToPublish(urgent: urgent) else { return }
    let plan = model.plan
    record.publish(
      LaneSnapshot(
        name: plan.name, state: state, step: model.step, epoch: epochPosition, epochs: plan.epochs,
        stepsPerEpoch: Lane.steps(images: data.split.training.count, batch: plan.batchSize),
        trainingSeconds: clock.trainingSeconds, seconds: clock.activeSeconds, latest: latest,
        best: best.isEmpty ? nil : .init(accuracy: best.accuracy, epoch: best.epoch), testAccuracy: testAccuracy,
        hyperparameters: plan.settings(atEpoch: epochPosition), flips: model.flips, latentWeights: latentHistograms))
  }
}
