import Datasets
import Dispatch
import EngineProtocol
import Foundation

/// Answers questions about single images with copies of the lanes' networks, which are kept until the lanes have
/// learned more; and questions about weights, no more often than costs little.
final class EnginePredictors: Sendable {
  /// Seconds for which the copy of a lane that trains is kept: copying it holds the lane between two batches.
  private static let patience = 1.0

  private struct Kept {
    let predictor: LanePredictor
    let branch: Int
    let step: Int
    let time: Double
  }

  /// The share of time that may be spent on reading weights for one request over and over.
  private static let weightsShare = 0.01

  private struct KeptWeights {
    let weights: LayerWeights
    let until: Double
  }

  // The copies belong to the queue.
  private nonisolated(unsafe) var kept: [String: Kept] = [:]
  private nonisolated(unsafe) var weights: [String: KeptWeights] = [:]
  private let queue = DispatchQueue(label: "image questions")
  private let running = DispatchGroup()

  /// Does work on the queue, after what was begun before.
  func begin(_ body: @escaping @Sendable () -> Void) { queue.async(group: running, execute: body) }

  /// Waits some seconds for the current work to end.
  func close() { _ = running.wait(timeout: .now() + 10) }

  /// Returns the answer to a request for weights, on the queue: the former answer to the same request, unless that is old
  /// enough for what it has cost. Of a lane that does not train, it is always the present state.
  /// - Parameter make: reads the weights.
  /// - Throws: errors of `make` unchanged.
  func weights(for request: WeightsRequest, of lane: Lane, _ make: () throws -> LayerWeights) rethrows -> LayerWeights {
    let state = lane.record.snapshot
    let begin = ProcessInfo.processInfo.systemUptime
    if let kept = weights[lane.name], kept.weights.request == request, kept.weights.weights.branch == state.branch,
      request.step != nil || kept.weights.weights.step == state.step || state.state == .training && begin < kept.until
    {
      return kept.weights
    }
    let made = try make()
    let now = ProcessInfo.processInfo.systemUptime
    weights[lane.name] = KeptWeights(weights: made, until: now + (now - begin) / Self.weightsShare)
    return made
  }

  /// Returns the predictor of a lane, on the queue.
  /// - Parameter make: copies the lane's network.
  /// - Throws: errors of `make` unchanged.
  func predictor(of lane: Lane, _ make: () throws -> LanePredictor) rethrows -> LanePredictor {
    let state = lane.record.snapshot
    let now = ProcessInfo.processInfo.systemUptime
    if let kept = kept[lane.name], kept.branch == state.branch,
      kept.step == state.step || state.state == .training && now - kept.time < Self.patience
    {
      return kept.predictor
    }
    let predictor = try make()
    kept[lane.name] = Kept(
      predictor: predictor, branch: state.branch, step: predictor.lane.weights.step, time: now)
    return predictor
  }
}
