private import Foundation

/// A schedule of the learning rate over epochs.
package struct Schedule: Hashable, Codable, Sendable {
  /// The shape of a schedule.
  package enum Kind: String, Codable, Sendable, CaseIterable {
    /// Constant.
    case constant
    /// Multiplied by `(end/start)^(1/epochs)` after each epoch.
    case exponential
    /// Multiplied by `factor` every `stepEpochs` epochs.
    case step
    /// From start to end along half a cosine, changing at every step.
    case cosine

    /// Whether the schedule has a final rate.
    package var hasEnd: Bool { self == .exponential || self == .cosine }
  }

  /// The shape.
  package var kind: Kind
  /// The final rate of an exponential or cosine schedule.
  package var finalRate: Double
  /// The factor of a step schedule.
  package var factor: Double
  /// Number of epochs between two steps of a step schedule.
  package var stepEpochs: Int
  /// Number of epochs of linear warm-up.
  package var warmUpEpochs: Double
  /// The point from which the schedule continues: the start, or where the rate was last set.
  package private(set) var anchor: Anchor

  /// A learning rate at a point of the training.
  package struct Anchor: Hashable, Codable, Sendable {
    /// Epochs done.
    package var epoch: Double
    /// The rate at that point, without warm-up.
    package var rate: Double
  }

  /// A schedule that starts at `rate`.
  package init(
    kind: Kind, rate: Double, finalRate: Double = 0, factor: Double = 0.1, stepEpochs: Int = 1, warmUpEpochs: Double = 0
  ) {
    self.kind = kind
    self.finalRate = finalRate
    self.factor = factor
    self.stepEpochs = stepEpochs
    self.warmUpEpochs = warmUpEpochs
    anchor = Anchor(epoch: 0, rate: rate)
  }

  /// Returns the learning rate after `epoch` of `epochs` epochs.
  ///
  /// With p the fraction of the training that is done, q that fraction at the anchor, and r the anchor's rate:
  /// exponential `r·(end/r)^((p - q)/(1 - q))`, where p counts whole epochs; cosine `end + (r - end)·(1 + cos πp)/(1 +
  /// cos πq)`.
  package func rate(atEpoch epoch: Double, of epochs: Int) -> Double {
    course(atEpoch: epoch, of: epochs) * warmUp(atEpoch: epoch)
  }

  /// Starts the whole schedule at `rate`.
  package mutating func begin(at rate: Double) { anchor = Anchor(epoch: 0, rate: rate) }

  /// Sets the rate at `epoch`; the schedule continues from there to the same end.
  package mutating func setRate(_ rate: Double, atEpoch epoch: Double) {
    // Setting the rate during warm-up ends the warm-up: extrapolated to its end, the rate could be a thousand times
    // higher.
    if epoch < warmUpEpochs { warmUpEpochs = 0 }
    anchor = Anchor(epoch: epoch, rate: rate)
  }

  /// Sets the final rate of an exponential or cosine schedule without changing the rate at `epoch`.
  package mutating func setFinalRate(_ rate: Double, atEpoch epoch: Double, of epochs: Int) {
    anchor = Anchor(epoch: epoch, rate: course(atEpoch: epoch, of: epochs))
    finalRate = rate
  }

  private func warmUp(atEpoch epoch: Double) -> Double {
    guard warmUpEpochs > 0, epoch < warmUpEpochs else { return 1 }
    // The first step must not have a rate of 0.
    return max(epoch / warmUpEpochs, 1e-3)
  }

  private func course(atEpoch epoch: Double, of epochs: Int) -> Double {
    let total = Double(max(1, epochs))
    switch kind {
    case .constant:
      return anchor.rate
    case .step:
      let done = (epoch / Double(max(1, stepEpochs))).rounded(.down)
      let atAnchor = (anchor.epoch / Double(max(1, stepEpochs))).rounded(.down)
      return anchor.rate * pow(factor, done - atAnchor)
    case .exponential:
      let from = anchor.epoch.rounded(.down)
      guard from < total, anchor.rate > 0, finalRate > 0 else { return anchor.rate }
      let share = min(1, max(0, (epoch.rounded(.down) - from) / (total - from)))
      return anchor.rate * pow(finalRate / anchor.rate, share)
    case .cosine:
      let atAnchor = 1 + cos(.pi * min(1, anchor.epoch / total))
      guard atAnchor > 1e-9 else { return anchor.rate }
      return finalRate + (anchor.rate - finalRate) * (1 + cos(.pi * min(1, epoch / total))) / atAnchor
    }
  }
}
