import EngineProtocol
import Foundation
import TrainingMetrics

/// A lane that trains by a formula: losses and flips decrease, with reproducible noise.
struct FakeLane: Sendable {
  var description: RunDescription.Lane
  var settings: [HyperparameterSetting]
  var snapshot: LaneSnapshot
  /// The limit of the loss.
  var floor: Double
  var events: [EngineEvent] = []
  private var noiseState: UInt64

  // The lane's state at each checkpoint.
  private var saved: [FakeLane] = []
  private var branchCount = 1

  init(description: RunDescription.Lane, settings: [HyperparameterSetting], epochs: Int, floor: Double, seed: UInt64) {
    self.description = description
    self.settings = settings
    self.floor = floor
    noiseState = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    snapshot = LaneSnapshot(
      name: description.name, epochs: epochs, stepsPerEpoch: 540, hyperparameters: settings,
      flips: description.binaryLayers.enumerated().map { index, layer in
        FlipStatistics(
          layer: layer,
          weights: index == 0 ? 1_605_632 : index == description.binaryLayers.count - 1 ? 20_480 : 4_194_304)
      })
  }

  private mutating func noise() -> Double {
    noiseState = noiseState &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(noiseState >> 11) / Double(UInt64(1) << 53) * 2 - 1
  }

  private func number(_ key: Hyperparameter) -> Double? {
    guard case .number(let value)? = snapshot.hyperparameters.first(where: { $0.hyperparameter == key })?.value else {
      return nil
    }
    return value
  }

  /// The loss without noise after a number of steps; it approaches its limit more closely with a smaller learning rate.
  private func loss(_ step: Int) -> Double {
    let rate = number(.learningRate) ?? 1e-3
    let t = Double(step) / 540
    return floor * (0.75 + 0.25 * min(3, rate / 1e-3)) + (2.3 - floor)
      * (0.55 * exp(-t * 9) + 0.3 * exp(-t * 2) + 0.15 * exp(-t * 0.35))
  }

  /// Writes a checkpoint.
  mutating func save(_ reason: Checkpoint.Reason) {
    var copy = self
    copy.saved = []
    copy.events = []
    saved.removeAll { $0.snapshot.branch == snapshot.branch && $0.snapshot.step == snapshot.step }
    saved.append(copy)
    events.append(
      .checkpointed(
        Checkpoint(
          lane: description.name, branch: snapshot.branch, step: snapshot.step, epoch: snapshot.epoch, reason: reason,
          validationAccuracy: snapshot.latest[.validationAccuracy].map(Double.init), bytes: 80_162_900,
          time: 1_764_000_000 + snapshot.trainingSeconds)))
  }

  /// The lane's state at a checkpoint; nil if there is none.
  func saved(branch: Int, step: Int) -> FakeLane? {
    saved.first { $0.snapshot.branch == branch && $0.snapshot.step == step }
  }

  /// Returns to a checkpoint, in a new branch.
  mutating func rewind(to checkpoint: FakeLane) {
    let parent = checkpoint.snapshot.branch
    snapshot = checkpoint.snapshot
    snapshot.state = .training
    branchCount += 1
    snapshot.branch = branchCount
    // With the same noise, the new curve would cover the ghost.
    noiseState = noiseState &* 31 &+ 7
    events.append(
      .branched(
        LaneBranch(lane: description.name, number: branchCount, parent: parent, step: snapshot.step)))
  }

  /// Validates before the first step.
  mutating func begin() { validate(epoch: 0) }

  /// Makes updates, with a validation at the end of each epoch.
  mutating func train(_ count: Int) {
    guard snapshot.state == .training else { return }
    var points: [MetricKey: [MetricPoint]] = [:]
    func add(_ metric: Metric, _ value: Double, layer: String? = nil) {
      points[MetricKey(metric, layer: layer), default: []].append(MetricPoint(step: snapshot.step, value: Float(value)))
      if layer == nil { snapshot.latest[metric] = Float(value) }
    }
    for _ in 0..<count {
      snapshot.step += 1
      let step = snapshot.step
      let base = loss(step)
      add(.trainLoss, base * (1 + 0.28 * noise()) + (step % 233 == 0 ? 0.6 : 0))
      add(.learningRate, number(.learningRate) ?? 1e-3)
      add(.gradientNorm, base * (1.1 + 0.5 * noise()))
      if step % 8 == 0 { add(.imagesPerSecond, (description.isBinary ? 4180 : 8920) * (1 + 0.05 * noise())) }
      var flips = 0.0
      for (index, layer) in description.binaryLayers.enumerated() {
        let rate = 0.004 / (1 + Double(step) / 60) * (1 + 0.4 * noise()) / Double(index + 1)
        add(.flipRate, rate, layer: layer)
        snapshot.flips[index].flipRate = rate
        snapshot.flips[index].totalFlips += Int(rate * Double(snapshot.flips[index].weights))
        flips += rate / Double(description.binaryLayers.count)
      }
      if description.isBinary { add(.flipRate, flips) }
      snapshot.epoch = Double(step) / Double(snapshot.stepsPerEpoch)
      snapshot.trainingSeconds = Double(step) * (description.isBinary ? 0.024 : 0.0112)
      var phases = snapshot.phases ?? PhaseSeconds()
      let shares = [PhaseSeconds.Phase.data: 0.02, .forward: 0.4, .backward: 0.45, .update: 0.1, .validation: 0.02]
      for (phase, share) in shares { phases[phase] += share * (description.isBinary ? 0.024 : 0.0112) }
      phases[.recording] += 0.00002
      (phases.steps, phases.images) = (phases.steps + 1, phases.images + 100)
      snapshot.phases = phases
      if step % snapshot.stepsPerEpoch == 0 {
        flush(&points)
        validate(epoch: step / snapshot.stepsPerEpoch)
        if step / snapshot.stepsPerEpoch >= snapshot.epochs {
          finish(failure: nil)
          break
        }
      }
    }
    flush(&points)
    for index in snapshot.flips.indices {
      let weights = snapshot.flips[index].weights
      let mean = Double(snapshot.flips[index].totalFlips) / Double(max(1, weights))
      // A geometric distribution: most weights never flip, and a few flip often.
      var counts = (0..<32).map { Int(Double(weights) * pow(mean / (1 + mean), Double($0)) / (1 + mean)) }
      counts[31] += max(0, weights - counts.reduce(0, +))
      snapshot.flips[index].weightsByFlips = counts
    }
    snapshot.latentWeights = snapshot.flips.map { flips in
      let spread = 0.18 + 0.25 * (1 - exp(-snapshot.epoch / 3))
      let bins = (0..<48).map { bin -> Int in
        let x = (Double(bin) + 0.5) / 24 - 1
        let edge = bin == 0 || bin == 47 ? 0.06 * (1 - exp(-snapshot.epoch)) : 0
        return Int(Double(flips.weights) * (exp(-x * x / (2 * spread * spread)) / 24 + edge))
      }
      return Histogram(lowerBound: -1, upperBound: 1, counts: bins)
    }
  }

  /// Ends the lane, with or without an error.
  mutating func finish(failure: String?) {
    snapshot.state =
      failure.map { .failed($0) } ?? (snapshot.step < snapshot.epochs * snapshot.stepsPerEpoch ? .stopped : .finished)
    if failure == nil { snapshot.testAccuracy = (snapshot.best?.accuracy ?? 0) - 0.0021 }
    events.append(
      .laneEnded(
        LaneResult(
          lane: description.name, failure: failure, wasStopped: snapshot.state == .stopped,
          testAccuracy: snapshot.testAccuracy, bestValidationAccuracy: snapshot.best?.accuracy,
          bestEpoch: snapshot.best?.epoch, weightsSHA256: failure == nil ? "3f9a61c07be2d4581f" : nil,
          parameters: description.parameterCount, seconds: snapshot.trainingSeconds, steps: snapshot.step)))
  }

  private mutating func validate(epoch: Int) {
    let loss = epoch == 0 ? 2.31 : loss(snapshot.step) * 1.06 + 0.012 + 0.006 * noise()
    let accuracy = epoch == 0 ? 0.0984 : 1 - 0.31 * min(2.2, loss) - 0.008 + 0.002 * noise()
    let step = snapshot.step
    let point = { (value: Double) in [MetricPoint(step: step, value: Float(value))] }
    events.append(.points(lane: description.name, branch: snapshot.branch, MetricKey(.validationLoss), point(loss)))
    events.append(
      .points(lane: description.name, branch: snapshot.branch, MetricKey(.validationAccuracy), point(accuracy)))
    snapshot.latest[.validationLoss] = Float(loss)
    snapshot.latest[.validationAccuracy] = Float(accuracy)
    if accuracy > snapshot.best?.accuracy ?? 0 { snapshot.best = .init(accuracy: accuracy, epoch: epoch) }
    events.append(
      .epoch(
        EpochReport(
          lane: description.name, branch: snapshot.branch, epoch: epoch, step: snapshot.step,
          trainLoss: epoch == 0 ? .nan : loss * 0.95,
          validationLoss: loss, validationAccuracy: accuracy,
          latentValidationAccuracy: description.isBinary ? accuracy - 0.013 : nil,
          learningRate: number(.learningRate) ?? 0, flipRate: snapshot.latest[.flipRate].map(Double.init),
          imagesPerSecond: Double(snapshot.latest[.imagesPerSecond] ?? 0), seconds: snapshot.trainingSeconds,
          time: 1_764_000_000 + snapshot.trainingSeconds)))
  }

  private mutating func flush(_ points: inout [MetricKey: [MetricPoint]]) {
    for (key, points) in points.sorted(by: { "\($0.key)" < "\($1.key)" }) {
      events.append(.points(lane: description.name, branch: snapshot.branch, key, points))
    }
    points = [:]
  }
}
