import Datasets
import EngineProtocol
import Foundation
import NeuralNetworks
import Tensors

/// A copy of a lane that trains while a rate is swept exponentially.
///
/// It restores a checkpoint's state into a network of its own, so that nothing of the lane changes, whatever happens here.
struct RateSweep {
  private let model: LaneModel
  private let state: LaneState
  private let data: LaneData
  private let branch: Int
  private var notes: [String] = []

  /// A copy of the lane in the state of `image`, for the calling thread.
  /// - Parameter seed: the experiment's seed.
  /// - Throws: `SafetensorsError` if the file is not of this lane's network.
  init(_ image: SafetensorsImage, branch: Int, data: LaneData, seed: UInt64, threads: Int) throws {
    var state = try LaneStateFile.state(in: image)
    if state.plan.distillation != nil {
      state.plan.distillation = nil
      notes.append("the losses are those of the labels alone, without the teacher")
    }
    model = LaneModel(state.plan, data: data, seed: seed, threads: threads)
    _ = try model.restore(image, state)
    (self.state, self.data, self.branch) = (state, data, branch)
  }

  private var epoch: Double {
    Double(state.epoch) + Double(state.position) / Double(max(1, data.split.training.count))
  }

  /// Returns what to sweep, and the values, from gentle to violent.
  /// - Throws: `RefusedSetting` with what was expected and found.
  private func values(_ search: RateSearch) throws -> (knob: Hyperparameter, current: Double, values: [Double]) {
    let plan = state.plan
    let possible = [Hyperparameter.flipThreshold, .gamma, .learningRate].filter { plan.value(of: $0) != nil }
    let knob = search.hyperparameter ?? possible.first ?? .learningRate
    guard possible.contains(knob), case .number(let current)? = plan.value(of: knob, atEpoch: epoch) else {
      throw RefusedSetting(
        reason: "expected one of \(possible.map(\.rawValue).joined(separator: ", ")), found “\(knob.rawValue)”")
    }
    let updates = search.updates ?? RateSearch.defaultUpdates
    guard RateSearch.possibleUpdates.contains(updates) else {
      let range = RateSearch.possibleUpdates
      throw RefusedSetting(
        reason: "updates: expected \(range.lowerBound) to \(range.upperBound), found \(updates)")
    }
    let range = knob.specification.range
    let (gentle, violent) = Self.ends(of: knob, plan)
    let (first, last) = (search.first ?? gentle, search.last ?? violent)
    for value in [first, last] where !(value > 0 && range.contains(value)) {
      throw RefusedSetting(
        reason: "\(knob.rawValue): expected a number above 0 up to \(HyperparameterValue.number(range.upperBound)), "
          + "found \(HyperparameterValue.number(value))")
    }
    guard first != last else {
      throw RefusedSetting(reason: "expected two different ends, found \(HyperparameterValue.number(first)) twice")
    }
    return (
      knob, current, (0..<updates).map { first * Self.power(last / first, Double($0) / Double(updates - 1)) }
    )
  }

  // A large threshold lets nothing flip; a small one lets everything flip.
  private static func ends(of knob: Hyperparameter, _ plan: LanePlan) -> (gentle: Double, violent: Double) {
    switch knob {
    case .flipThreshold: (1e-4, 1e-10)
    case .gamma: (1e-6, 1)
    default: plan.optimizer.kind == .sgd ? (1e-5, 10) : (1e-6, 1)
    }
  }

  private static func power(_ base: Double, _ exponent: Double) -> Double { exp(exponent * log(base)) }

  /// Trains with each value in turn, until the loss has diverged or is not finite.
  /// - Parameter progress: called after each update with the fraction that is done; an error that it throws ends the work.
  /// - Throws: `RefusedSetting`; errors of `progress` unchanged.
  func run(_ search: RateSearch, _ progress: (Double) throws -> Void) throws -> RateCurve {
    let (knob, current, values) = try values(search)
    var curve = RateCurve(
      lane: state.plan.name, branch: branch, step: state.step, hyperparameter: knob, current: current, values: [],
      losses: [], endedNonFinite: false, notes: notes.isEmpty ? nil : notes)
    let order = data.batches.order(epoch: state.epoch)
    var position = state.position
    for (place, value) in values.enumerated() {
      var plan = model.plan
      // The rest of a schedule must not change the value.
      plan.schedule.kind = .constant
      plan.schedule.warmUpEpochs = 0
      try plan.set(knob, to: .number(value), atEpoch: epoch)
      model.follow(plan)
      if position >= order.count { position = 0 }
      let end = min(order.count, position + plan.batchSize)
      let next = end < order.count ? order[end...] : order[...]
      curve.values.append(value)
      do throws(LaneModel.StepFailure) {
        curve.losses.append(
          try model.train(on: order[position..<end], upcoming: next.prefix(plan.batchSize), epoch: epoch).loss)
      } catch {
        curve.losses.append(.nan)
        curve.endedNonFinite = true
      }
      position = end
      try progress(Double(place + 1) / Double(values.count))
      if curve.endedNonFinite || curve.divergedAt != nil { break }
    }
    return curve
  }
}
