import Datasets
import Deployment
import EngineProtocol
import NeuralNetworks
import Tensors

/// A copy of a lane's network, in the state in which the trainer validates it.
struct LaneNetwork {
  /// The weights.
  let weights: DeployedWeights
  /// The network.
  let trained: TrainedNetwork
  /// Remarks on the weights.
  let notes: [String]
  /// Computes with it.
  let compute: Compute
  /// Whether it has latent weights that differ from those it computes with.
  let hasLatentWeights: Bool

  private let source: TrainedLane

  /// Copies a lane's network.
  /// - Parameter data: the images of the run.
  /// - Throws: `SafetensorsError`, `ExperimentError`.
  init(_ lane: TrainedLane, _ choice: WeightsChoice, branch: Int, _ data: LaneData, _ compute: Compute) throws {
    let state = try lane.state(LaneState.self)
    source = lane
    trained = try lane.network(compute)
    notes = try Self.settle(state, choice, trained.network, data, compute)
    self.compute = compute
    hasLatentWeights = state?.plan.hasLatentWeights == true && !(choice == .best && state?.bestIsFloat == true)
    let place = state.map { Double($0.epoch) + Double($0.position) / Double(max(1, data.split.training.count)) }
    let best = state?.best.map { Double($0.epoch) }
    weights = DeployedWeights(
      lane: lane.checkpoint.lane, branch: branch, choice: choice, step: lane.checkpoint.step,
      epoch: (choice == .best ? best : place) ?? 0)
  }

  /// Another copy, which computes with latent weights.
  /// - Throws: `SafetensorsError`, `ExperimentError`.
  func copyWithLatentWeights() throws -> Network {
    let copy = try source.network(compute).network
    copy.prepareOperands(.values, compute)
    return copy
  }

  // Brings the network into the state in which the trainer validates it. Returns remarks.
  private static func settle(
    _ state: LaneState?, _ choice: WeightsChoice, _ network: Network, _ data: LaneData, _ compute: Compute
  ) throws -> [String] {
    guard let state else { return [] }
    let plan = state.plan
    if choice == .best {
      return state.bestIsFloat == true
        ? ["the best validation so far is of float weights: nothing is packed as bits"] : []
    }
    var notes: [String] = []
    if plan.usesFloatWeights(atEpoch: Double(state.epoch)), let epoch = plan.binaryWeightsFrom {
      notes.append("the lane uses float weights until epoch \(epoch); packed are their signs")
    }
    if let note = network.estimateDeterministicStatistics(plan, data, compute) { notes.append(note) }
    return notes
  }
}

extension Network {
  /// Estimates the running statistics of the deterministic network, if training gathers those of stochastic weights or
  /// activations.
  /// - Returns: a remark; nil if nothing was estimated.
  func estimateDeterministicStatistics(_ plan: LanePlan, _ data: LaneData, _ compute: Compute) -> String? {
    guard plan.binarization == .stochastic || plan.drawsActivations else { return nil }
    let layout = plan.fittedLayout(for: data.dataset)
    let pass = PassContext(compute: compute, isTraining: false)
    estimateStatistics(
      BatchLoader(.training, data), of: data.split.training, batches: LaneModel.statisticsBatches,
      size: layout.evaluationBatch, pass)
    return "the statistics of the deterministic network were estimated on training images"
  }
}
