import Datasets
import EngineProtocol
import Foundation
import NeuralNetworks
import Tensors
import TrainingMetrics

/// The training loop of a lane, on the lane's thread.
final class LaneTrainer {
  let model: LaneModel
  let data: LaneData
  let mailbox: LaneMailbox
  let record: LaneRecord
  let recorder: RunRecorder?
  let ledger: TeacherLedger
  let hold: TrainingHold
  let steering: [ScriptedChange]
  let start: LaneStart

  private let tell: (EngineEvent) -> Void
  private let tellDurably: (EngineEvent, () -> Bool) -> Void
  private let binaryWeightCount: Int
  let clock = LaneClock()
  private var state = LaneSnapshot.State.validating
  var branch: Int
  var epoch = 0
  var position = 0
  private var imageOrder: [Int32] = []
  var best = BestWeights()
  // The step of the best validation, whose weights are the current ones until the next update.
  var bestStep = -1
  private var throughput = Throughput()
  var latest: [Metric: Float] = [:]
  private var latentHistograms: [Histogram] = []
  private var testAccuracy: Double?
  var health = HealthWatch()
  // The sums of the current epoch.
  var sums = EpochSums()
  // Orders in effect.
  var isPaused = false
  var isStopped = false
  var isSuspended = false
  var stepsAllowed: [Sender] = []
  var holdAtEpoch: (epoch: Int, sender: Sender)?
  // Number of hyperparameter changes so far, including those of the steering script; and the scripted changes that are
  // still to be made.
  var changes = 0
  var steered = 0
  var script: [ScriptedChange]
  // Changes of the steering script that were refused or never reached.
  var missed: [String] = []
  var statistics = StatisticsAge()
  var schedule = CheckpointSchedule()
  // Seconds that copying the newest checkpoint took.
  var copyCost = 0.0
  // The state of an ended lane that was restarted; nil once it continues.
  var ended: LaneSnapshot?
  /// The weights at the end of a lane whose run has no directory that contains them; nil before.
  private(set) var lastWeights: SafetensorsImage?

  init(
    _ plan: LanePlan, _ surroundings: Lane.Surroundings, mailbox: LaneMailbox, record: LaneRecord,
    steering: [ScriptedChange], start: LaneStart
  ) {
    ledger = surroundings.ledger
    hold = surroundings.hold
    model = LaneModel(
      plan, teacher: plan.distillation.flatMap { surroundings.ledger.plans[$0.teacher] }, data: surroundings.data,
      seed: surroundings.seed, threads: surroundings.threads)
    data = surroundings.data
    self.mailbox = mailbox
    self.record = record
    self.steering = steering
    self.start = start
    recorder = surroundings.recorder
    tell = surroundings.report
    tellDurably = surroundings.reportDurably
    branch = start.branch
    script = start.script
    ended = start.ended
    if let ended { clock.restore(seconds: ended.seconds, trainingSeconds: ended.trainingSeconds) }
    binaryWeightCount = model.binaryLayers.reduce(0) { $0 + $1.weights.count }
  }

  /// Trains until all epochs are done, the lane is stopped, or its loss is not finite; then tests.
  func run() {
    ledger.begin(model.plan.name)
    if let teacher = model.plan.distillation?.teacher { ledger.enrol(mailbox, with: teacher) }
    var failure: String?
    if let image = start.image {
      do {
        try restore(image)
        setState(.training)
      } catch {
        failure = "training can't continue from the checkpoint: \(error)"
      }
    } else {
      if let weights = start.weights { model.take(weights) }
      validate()
      checkpoint(.start)
      isSuspended = start.suspendsFirst
    }
    while failure == nil {
      // Before checking the number of epochs: an order may pause the lane after its last epoch, or add epochs.
      readMailbox()
      if isStopped || isSuspended || epoch >= model.plan.epochs { break }
      switch learnFromTeacher() {
      case .ready: failure = trainOneBatch()
      case .notYet: continue
      case .failed(let reason): failure = reason
      }
    }
    if isSuspended { return suspend() }
    finish(failure: failure)
  }

  // MARK: One batch

  var epochPosition: Double {
    Double(epoch) + Double(position) / Double(max(1, data.split.training.count))
  }

  /// Whether current measurements are new. They are not until training reaches the end of the record.
  var isRecording: Bool { model.step > start.recordedUntil }

  private func trainOneBatch() -> String? {
    if position == 0 || imageOrder.isEmpty { imageOrder = data.batches.order(epoch: epoch) }
    let end = min(imageOrder.count, position + model.plan.batchSize)
    let batch = imageOrder[position..<end]
    let upcoming = imageOrder[end...].prefix(model.plan.batchSize)
    let wasFloat = model.usesFloatWeights
    let result = clock.measureUpdate { () -> Result<LaneModel.StepOutcome, LaneModel.StepFailure> in
      do throws(LaneModel.StepFailure) {
        return .success(try model.train(on: batch, upcoming: upcoming, epoch: epochPosition))
      } catch {
        return .failure(error)
      }
    }
    let outcome: LaneModel.StepOutcome
    switch result {
    case .success(let success): outcome = success
    case .failure(let failure): return describe(failure)
    }
    if wasFloat != model.usesFloatWeights { tellOfStage() }
    position = end
    statistics.update(momentum: model.plan.network.batchNormalization?.momentum)
    throughput.add(images: batch.count, seconds: clock.lastDuration)
    sums.add(outcome, images: batch.count, seconds: clock.lastDuration)
    var watch = PhaseWatch()
    recordStep(outcome)
    if position == imageOrder.count {
      watch.end(.recording, &model.phases)
      epoch += 1
      position = 0
      let isBest = validate()
      watch.end(.validation, &model.phases)
      teach()
      checkpointIfDue(isBest ? .best : .periodic, endOfEpoch: epoch)
      holdIfAsked()
    } else {
      publish(urgent: false)
      checkpointIfDue(.periodic, endOfEpoch: nil)
    }
    watch.end(.recording, &model.phases)
    acknowledgeStep()
    return nil
  }

  private func describe(_ failure: LaneModel.StepFailure) -> String {
    let step = model.step + 1
    let what: String
    switch failure {
    case .loss(let loss):
      if isRecording { record.append([(MetricKey(.trainLoss), Float(loss))], step: step, branch: branch) }
      what = "the loss is \(loss.isNaN ? "NaN" : "infinite") at step \(step)"
      tellOfNonFinite(.init("loss", loss), what)
    case .gradient:
      if isRecording { record.append([(MetricKey(.gradientNorm), .nan)], step: step, branch: branch) }
      what = "the gradient is not finite at step \(step)"
      tellOfNonFinite(.init("gradientNorm", .nan), what)
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
    if binaryWeightCount > 0, !model.usesFloatWeights {
      let rate = Float(outcome.flips) / Float(binaryWeightCount)
      latest[.flipRate] = rate
      values.append((MetricKey(.flipRate), rate))
      values.reserveCapacity(values.count + model.binaryLayers.count)
      for (layer, weights) in model.binaryLayers {
        values.append((MetricKey(.flipRate, layer: layer), Float(weights.newestFlips) / Float(max(1, weights.count))))
      }
    }
    if binaryWeightCount > 0, model.step % 50 == 0 { latentHistograms = model.latentHistograms(stride: 17) }
    if isRecording { record.append(values, step: model.step, branch: branch) }
    watch(outcome)
  }

  // MARK: Validation and the end

  // Validates. Returns whether the result was the best so far.
  @discardableResult
  private func validate() -> Bool {
    let (validation, latentAccuracy, isBest) = measure(asOfEpoch: epoch)
    if isRecording { report(validation, latentAccuracy: latentAccuracy) }
    sums = EpochSums()
    setState(.training)
    return isBest
  }

  // Validates at a stop, so that what was learned since the last end of an epoch is not lost; the result belongs to the
  // interrupted epoch. This happens after the stop's checkpoint, so that continuing from it equals training that was
  // never stopped.
  private func validateAtStop() {
    guard position > 0 else { return }
    let (validation, _, _) = measure(asOfEpoch: epoch + 1)
    if isRecording { recordPoints(of: validation) }
  }

  private func measure(
    asOfEpoch epoch: Int
  ) -> (validation: LaneModel.Evaluation, latentAccuracy: Double?, isBest: Bool) {
    setState(.validating)
    var latentAccuracy: Double?
    if model.drawsBinaryWeights {
      // Measured with the running statistics of training, before those of the deterministic network replace them.
      latentAccuracy = clock.measure { evaluate(usesLatentWeights: true).accuracy }
    }
    if model.drawsInTraining { clock.measure { model.estimateStatistics() } }
    let isFloat = model.usesFloatWeights
    var validation = clock.measure {
      model.evaluate(.training, data.split.validation, usesLatentWeights: isFloat)
    }
    let isBest = best.offer(model.network.state, accuracy: validation.accuracy, epoch: epoch, isFloat: isFloat)
    // The reported loss before the first update uses plausible running statistics. The best weights and their digest
    // still refer to the actual ones.
    if isUntrained, model.hasStatistics, !model.drawsInTraining {
      validation = clock.measure { evaluate(usesLatentWeights: isFloat) }
    }
    if isBest { bestStep = model.step }
    latest[.validationLoss] = Float(validation.loss)
    latest[.validationAccuracy] = Float(validation.accuracy)
    latentHistograms = model.latentHistograms(stride: 1)
    return (validation, latentAccuracy, isBest)
  }

  // Whether the running statistics are of no batch at all. Those of imported weights are.
  private var isUntrained: Bool { model.step == 0 && start.weights == nil }

  // Evaluates the validation images; before the first update with running statistics of a few batches.
  private func evaluate(usesLatentWeights: Bool) -> LaneModel.Evaluation {
    func evaluate() -> LaneModel.Evaluation {
      model.evaluate(.training, data.split.validation, usesLatentWeights: usesLatentWeights)
    }
    guard isUntrained else { return evaluate() }
    return model.withEstimatedStatistics(usesLatentWeights: usesLatentWeights, evaluate)
  }

  private func recordPoints(of validation: LaneModel.Evaluation) {
    record.append(
      [
        (MetricKey(.validationLoss), Float(validation.loss)),
        (MetricKey(.validationAccuracy), Float(validation.accuracy)),
      ], step: model.step, branch: branch)
  }

  private func report(_ validation: LaneModel.Evaluation, latentAccuracy: Double?) {
    recordPoints(of: validation)
    let rate = latest[.learningRate].map(Double.init) ?? model.plan.schedule.rate(atEpoch: 0, of: model.plan.epochs)
    tell(
      .epoch(
        EpochReport(
          lane: model.plan.name, branch: branch, epoch: epoch, step: model.step, trainLoss: sums.meanLoss,
          validationLoss: validation.loss, validationAccuracy: validation.accuracy,
          latentValidationAccuracy: latentAccuracy, learningRate: rate,
          flipRate: model.usesFloatWeights ? nil : sums.meanFlipRate(weights: binaryWeightCount),
          imagesPerSecond: sums.imagesPerSecond, seconds: clock.activeSeconds,
          time: Date().timeIntervalSince1970)))
    // Before the first step, running statistics are of no batch. The flips of the first epoch are counted from there.
    let found = clock.measure { model.diagnostics() }
    let diagnostics = model.step > 0 ? found : nil
    if model.step > 0 { watch(validation, found) }
    guard binaryWeightCount > 0 else { return }
    tell(
      .layers(
        LayerReport(
          lane: model.plan.name, branch: branch, step: model.step, flips: model.flips, latentWeights: latentHistograms,
          diagnostics: diagnostics)))
  }

  private func suspend() {
    checkpoint(.stop)
    closeMailbox()
    setState(.stopped)
  }

  private func finish(failure: String?) {
    // From here on a rewind finds the mailbox closed, and restarts the lane after its thread has ended.
    closeMailbox()
    ledger.end(model.plan.name)
    if let teacher = model.plan.distillation?.teacher { ledger.leave(mailbox, teacher) }
    // Before the test, which replaces the newest weights by those of the best validation.
    if failure == nil {
      checkpoint(isStopped ? .stop : .end)
      validateAtStop()
    }
    if recorder == nil { lastWeights = try? weights() }
    var digest: String?
    if !best.isEmpty {
      setState(.testing)
      best.restore(to: model.network.state)
      let indices = Array(0..<Int32(data.dataset.test.count))
      testAccuracy = clock.measure {
        model.evaluate(.test, indices, usesLatentWeights: best.isFloat).accuracy
      }
      if best.isFloat { tellOfFloatResult() }
      digest = TensorDigest.sha256(best.tensors)
    }
    tellOfMissedChanges(isFailed: failure != nil)
    let notes = statisticsNote.map { [$0] }
    for note in notes ?? [] { warn("lane \(model.plan.name): \(note)") }
    setState(failure.map(LaneSnapshot.State.failed) ?? (isStopped ? .stopped : .finished))
    // When clients learn that the lane has ended, the run's directory must already contain it.
    reportDurably(
      .laneEnded(
        LaneResult(
          lane: model.plan.name, failure: failure, wasStopped: isStopped, testAccuracy: testAccuracy,
          bestValidationAccuracy: best.isEmpty ? nil : best.accuracy, bestEpoch: best.isEmpty ? nil : best.epoch,
          weightsSHA256: digest, parameters: model.network.parameterCount, seconds: clock.activeSeconds,
          steps: model.step, missed: missed.isEmpty ? nil : missed, notes: notes)))
  }

  // Stochastic lanes re-estimate the statistics of the deterministic network for each validation.
  private var statisticsNote: String? {
    guard let momentum = model.plan.network.batchNormalization?.momentum, !model.network.buffers.isEmpty,
      !model.drawsInTraining
    else { return nil }
    return statistics.note(momentum: momentum, steps: model.step)
  }

  private func closeMailbox() {
    var unanswered = stepsAllowed + [holdAtEpoch?.sender].compactMap(\.self)
    for message in mailbox.takeAll(closing: true) {
      switch message.order {
      case .capture(let capture): capture.fulfil(.failure(LaneHasEnded()))
      case .readLayer(_, let capture): capture.fulfil(.failure(LaneHasEnded()))
      default: unanswered.append(message.sender)
      }
    }
    for sender in unanswered { tell(.refused(sender.command, "lane \(model.plan.name) has ended")) }
  }

  // MARK: State

  /// Reports an event.
  func report(_ event: EngineEvent) { tell(event) }

  /// Reports an event after it was written to disk.
  func reportDurably(_ event: EngineEvent) { tellDurably(event) { mailbox.isHurried } }

  /// Reports a message to the user.
  func warn(_ message: String, _ severity: HealthReport.Severity = .warning) {
    tell(.health(HealthReport(severity, message, time: Date().timeIntervalSince1970)))
  }

  /// Sets what the lane is doing.
  func setState(_ newState: LaneSnapshot.State) {
    state = newState
    publish(urgent: true)
  }

  /// Whether the lane's state is paused or waiting.
  func says(_ state: LaneSnapshot.State) -> Bool { self.state == state }

  /// Discards what belonged to the steps that a rewind has undone.
  func forgetCourse() {
    imageOrder = []
    testAccuracy = nil
    latentHistograms = model.latentHistograms(stride: 1)
  }

  /// Publishes the lane's state, at most 30 times a second unless it is urgent.
  func publish(urgent: Bool) {
    guard clock.isTimeToPublish(urgent: urgent) else { return }
    let plan = model.plan
    record.publish(
      LaneSnapshot(
        name: plan.name, branch: branch, state: state, step: model.step, epoch: epochPosition, epochs: plan.epochs,
        stepsPerEpoch: Lane.steps(images: data.split.training.count, batch: plan.batchSize),
        trainingSeconds: clock.trainingSeconds, seconds: clock.activeSeconds, latest: latest,
        best: best.isEmpty ? nil : .init(accuracy: best.accuracy, epoch: best.epoch), testAccuracy: testAccuracy,
        hyperparameters: plan.settings(atEpoch: epochPosition), flips: model.flips, latentWeights: latentHistograms,
        phases: model.phases))
  }
}
