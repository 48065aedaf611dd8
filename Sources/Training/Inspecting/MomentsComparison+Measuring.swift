import EngineProtocol
import NeuralNetworks
import Tensors
import TrainingMetrics

extension MomentsComparison {
  /// Compares two checkpoint files of a lane.
  /// - Parameters:
  ///   - paths: the files of the two checkpoints.
  ///   - data: the images of the run; nil to compare the weights alone.
  /// - Throws: `SafetensorsError`, `ExperimentError`.
  init(
    _ request: MomentsRequest, paths: (first: String, second: String), data: LaneData?, _ compute: Compute,
    _ check: () throws -> Void = {}
  ) throws {
    let first = try MeasuredMoment(paths.first, request.first, data, compute)
    try check()
    let second = try MeasuredMoment(paths.second, request.second, data, compute)
    let layers = first.weights.compactMap { name, weights -> Layer? in
      guard let others = second.weights.first(where: { $0.name == name })?.values, others.count == weights.count else {
        return nil
      }
      return Layer(name: name, weights: weights.count, differing: zip(weights, others).count { $0 != $1 })
    }
    self.init(lane: request.lane, first: first.moment, second: second.moment, layers: layers)
  }
}

/// A checkpoint with its quantized weights.
private struct MeasuredMoment {
  let moment: MomentsComparison.Moment
  // In the order of the forward pass; what is compared are the signs of b, which a scale does not change.
  let weights: [(name: String, values: [Int8])]

  init(_ path: String, _ place: MomentsRequest.Place, _ data: LaneData?, _ compute: Compute) throws {
    let lane = try TrainedLane(file: path, .last)
    guard let state = try lane.state(LaneState.self) else {
      throw ExperimentError(
        code: .unfit, message: "\(path): expected a checkpoint with the state of a lane, found none")
    }
    let diagnostics = try LaneDiagnostics(lane, .newest, branch: place.branch, data, compute)
    let network = try lane.checkpoint.makeNetwork(compute, weights: .newest)
    network.prepareOperands(.signs, compute)
    weights = network.layers.compactMap { layer in
      guard let parameter = layer.weightMatrix, parameter.countsFlips, let values = parameter.binarizedValues else {
        return nil
      }
      return (layer.name, values.map { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 })
    }
    moment = MomentsComparison.Moment(
      place: place, epoch: diagnostics.weights.epoch,
      validationAccuracy: state.latest[.validationAccuracy].map(Double.init),
      trainLoss: state.latest[.trainLoss].map(Double.init),
      hyperparameters: state.plan.settings(atEpoch: diagnostics.weights.epoch), diagnostics: diagnostics)
  }
}
