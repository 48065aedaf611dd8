import Datasets
import EngineProtocol
import Foundation
import NeuralNetworks
import Tensors
import TrainingMetrics

extension LaneTrainer {
  /// Queues a checkpoint to be written, unless there is one of this step. The journal contains any changes since then.
  /// - Returns: whether one is written.
  @discardableResult
  func checkpoint(_ reason: Checkpoint.Reason, isOptional: Bool = false) -> Bool {
    guard let recorder, isRecording else { return false }
    if recorder.hasCheckpoint(of: model.plan.name, branch: branch, step: model.step) { return false }
    do {
      let image = try clock.measure {
        try LaneStateFile.image(
          laneState, model.network, best: best,
          description: NetworkCheckpoint.metadata(model.layout, data.description))
      }
      copyCost = clock.lastDuration
      let isTaken = recorder.save(
        image,
        as: Checkpoint(
          lane: model.plan.name, branch: branch, step: model.step, epoch: epochPosition, reason: reason,
          validationAccuracy: latest[.validationAccuracy].map(Double.init), bytes: image.bytes.count,
          time: Date().timeIntervalSince1970),
        isOptional: isOptional, isHurried: { mailbox.isHurried })
      if isTaken { schedule.didWrite(epoch: epoch) }
      return isTaken
    } catch {
      report(
        .health(
          HealthReport(.warning, "no checkpoint of \(model.plan.name): \(error)", time: Date().timeIntervalSince1970)))
      return false
    }
  }

  /// Returns the weights and the statistics, and those of the best validation, in the form of a checkpoint.
  /// - Parameter isForTraining: whether to include what only training needs.
  func weights(isForTraining: Bool = false) throws -> SafetensorsImage {
    try clock.measure {
      try LaneStateFile.image(
        laneState, model.network, best: best, description: NetworkCheckpoint.metadata(model.layout, data.description),
        isForTraining: isForTraining)
    }
  }

  /// Returns copies of a layer's tensors.
  /// - Throws: `ExperimentError` if there is no such layer.
  func layerTensors(_ name: String?) throws -> LayerTensors {
    try clock.measure {
      let item = try LayerTensors.item(name, of: model.layout)
      guard let weights = model.network.layers.first(where: { $0.name == item.name })?.weightMatrix else {
        throw ExperimentError(code: .unfit, message: "expected a layer with weights, found \(item.name)")
      }
      return LayerTensors(
        layout: model.layout, item: item, image: data.description.image, state: laneState, value: weights.value.values,
        firstMoment: weights.firstMoment?.values, secondMoment: weights.secondMoment?.values,
        flipCounts: weights.flipCountValues)
    }
  }

  /// Queues a checkpoint if one is due.
  func checkpointIfDue(_ reason: Checkpoint.Reason, endOfEpoch epoch: Int?) {
    guard let recorder, schedule.isDue(cost: copyCost + recorder.checkpointCost, endOfEpoch: epoch) else { return }
    checkpoint(reason, isOptional: true)
  }

  /// Restores a checkpoint.
  /// - Throws: `SafetensorsError` if it is not of this lane's network.
  func restore(_ image: SafetensorsImage) throws {
    let state = try LaneStateFile.state(in: image)
    // A forked lane takes its parent's state, but keeps its own name.
    var own = state
    own.plan.name = model.plan.name
    best = try model.restore(image, own)
    bestStep = state.isBest ? state.step : -1
    (epoch, position) = (state.epoch, state.position)
    (changes, steered) = (state.changes, state.steered)
    missed = state.missed ?? []
    statistics = StatisticsAge(state, momentum: model.plan.network.batchNormalization?.momentum)
    (sums, latest, health) = (state.sums, state.latest, state.health ?? HealthWatch())
    // A rewind does not undo the work. A lane that continues in a new process takes over its times.
    if clock.activeSeconds < state.seconds {
      clock.restore(seconds: state.seconds, trainingSeconds: state.trainingSeconds)
    }
  }

  private var laneState: LaneState {
    var flips: [String: Parameter.FlipTotals] = [:]
    for parameter in model.network.parameters where parameter.countsFlips {
      flips[parameter.name] = parameter.flipTotals
    }
    return LaneState(
      plan: model.plan, step: model.step, epoch: epoch, position: position, changes: changes, steered: steered,
      missed: missed.isEmpty ? nil : missed, firstStatistics: statistics.firstShare, sums: sums, health: health,
      latest: latest, best: best.isEmpty ? nil : .init(accuracy: best.accuracy, epoch: best.epoch),
      isBest: bestStep == model.step, bestIsFloat: best.isFloat ? true : nil, flips: flips,
      pixels: data.dataset.reading,
      seconds: clock.activeSeconds,
      trainingSeconds: clock.trainingSeconds)
  }
}
