import Datasets
package import EngineProtocol
import NeuralNetworks
import RunStore
package import Tensors
import TrainingMetrics

extension LaneDiagnostics {
  /// Measures a trained lane on a network of its own, without dropout and with deterministic signs.
  /// - Parameters:
  ///   - choice: the weights that `lane` was read with.
  ///   - data: the images of the run; nil to measure the weights alone.
  /// - Throws: `SafetensorsError`, `ExperimentError`.
  init(_ lane: TrainedLane, _ choice: WeightsChoice, branch: Int, _ data: LaneData?, _ compute: Compute) throws {
    guard let state = try lane.state(LaneState.self) else {
      throw ExperimentError(code: .unfit, message: "expected a checkpoint with the state of a lane, found none")
    }
    let checkpoint = lane.checkpoint
    var plan = state.plan
    (plan.network.dropout, plan.network.inputDropout) = (0, 0)
    let layout = try NetworkLayout(
      plan.network, input: checkpoint.data.image, classes: checkpoint.data.classes.count)
    let network = layout.makeNetwork(plan.network, precision: plan.precision, seed: 0, compute)
    try checkpoint.load(into: network, compute, weights: choice == .best ? .best : .newest)
    let isFloat = choice == .best ? state.bestIsFloat ?? false : plan.usesFloatWeights(atEpoch: Double(state.epoch))
    let count = data.map { Double(max(1, $0.split.training.count)) }
    let place = Double(state.epoch) + (count.map { Double(state.position) / $0 } ?? 0)
    let progress = place / Double(max(1, plan.epochs))
    network.apply(LayerSettings(plan.network, progress: progress, drawsSigns: false))
    network.setQuantizers(of: plan.network, progress: progress)
    network.prepareOperands(.signs, compute)
    var diagnosis = NetworkDiagnosis(network, layout)
    diagnosis.measureWeights(
      clipValue: plan.hasLatentWeights ? plan.optimizer.clipValue : nil,
      flips: choice == .newest || state.isBest ? state.flips : [:])
    if isFloat { network.prepareOperands(.values, compute) }
    var notes: [String] = []
    if isFloat { notes.append("the network uses float weights; the signs are those that it would have") }
    var batch: Batch?
    if let data, !data.split.validation.isEmpty {
      if choice == .newest, let note = network.estimateDeterministicStatistics(plan, data, compute) {
        notes.append(note)
      }
      let indices = data.split.validation.prefix(Self.batchSize)
      let images = BatchLoader(.training, data).batch(.init(indices: indices))
      let labels = indices.map { data.dataset.training.labels[Int($0)] }
      diagnosis.measureBatch(images, labels: labels, plan.loss, smoothing: plan.labelSmoothing ?? 0, compute)
      batch = diagnosis.loss.map { Batch(images: indices.map(Int.init), loss: $0) }
    } else {
      notes.append("signs, normalizations and gradients were not measured, because there are no validation images")
    }
    self.init(
      weights: DeployedWeights(
        lane: checkpoint.lane, branch: branch, choice: choice, step: checkpoint.step,
        epoch: choice == .best ? state.best.map { Double($0.epoch) } ?? place : place),
      batch: batch, layers: diagnosis.layers, notes: notes.isEmpty ? nil : notes)
  }

  /// Measures a lane of a recorded run.
  /// - Parameters:
  ///   - directory: the run's directory.
  ///   - lane: nil for the run's only lane.
  ///   - environment: where to look for the data set.
  ///   - progress: called with the current work in a few words.
  /// - Throws: `StoreError`, `SafetensorsError`, `ExperimentError`, `DatasetError`.
  package init(
    run directory: String, lane name: String?, _ choice: TrainedLane.Choice, environment: [String: String],
    _ compute: Compute, _ progress: @escaping (String) -> Void = { _ in }
  ) throws {
    let lane = try TrainedLane(run: directory, lane: name, choice)
    let history = try RunArchive.outline(of: directory, points: false)
    let recorded = try RecordedExperiment(history, environment: environment)
    var (data, missing): (LaneData?, String?)
    do {
      let dataset = try recorded.load(progress)
      data = try LaneData(dataset, experiment: recorded.experiment, threads: compute.threads, progress: progress)
    } catch { missing = "the images can't be read: \(error)" }
    let branch = history.lineage.lane(lane.checkpoint.lane)?.branch ?? 1
    try self.init(lane, choice == .best ? .best : .newest, branch: branch, data, compute)
    if let missing { notes = [missing] + (notes ?? []) }
  }

  /// Measures the weights of a checkpoint file.
  /// - Throws: `SafetensorsError`, `ExperimentError`.
  package init(file path: String, _ choice: TrainedLane.Choice, _ compute: Compute) throws {
    try self.init(TrainedLane(file: path, choice), choice == .best ? .best : .newest, branch: 1, nil, compute)
  }
}
