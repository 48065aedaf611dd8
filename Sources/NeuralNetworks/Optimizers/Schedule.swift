private import Foundation

/// How the learning rate goes from its start to its end, over epochs.
package struct Schedule: Hashable, Codable, Sendable {
  /// The course of the rate.
  package enum Kind: String, Codable, Sendable, CaseIterable {
    /// The rate stays.
    case constant
    /// Multiplied by `(end/start)^(1/epochs)` after each epoch.
    case exponential
    /// Multiplied by `factor` after every `stepEpochs` epochs.
    case step
    /// From start to end along half a cosine, at every step.
    case cosine

    /// Whether the course has a rate at which it ends.
    package var hasEnd: Bool { self == .exponential || self == .cosine }
  }

  /// The course of the rate.
  package var kind: Kind
  /// The rate at the end of an exponential or cosine course.
  package var finalRate: Double
  /// The factor of a step course.
  package var factor: Double
  /// Epochs between two steps of a step course.
  package var stepEpochs: Int
  /// The rate rises in proportion to the steps done over so many epochs first.
  package var warmUpEpochs: Double
  /// From where the rate goes on: the start, or the place at which it was last set.
  package private(set) var anchor: Anchor

  /// A rate that holds at a point of the training.
  package struct Anchor: Hashable, Codable, Sendable {
    /// Epochs done.
    package var epoch: Double
    /// The rate there, warm-up aside.
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

  /// The learning rate after `epoch` epochs of `epochs`.
  ///
  /// With p the share of the way done, q the share at the anchor, and r the anchor's rate: exponential
  /// `r·(end/r)^((p - q)/(1 - q))`, cosine `end + (r - end)·(1 + cos πp)/(1 + cos πq)`, where p of the exponential course
  /// counts whole epochs.
  package func rate(atEpoch epoch: Double, of epochs: Int) -> Double {
    course(atEpoch: epoch, of: epochs) * warmUp(atEpoch: epoch)
  }

  /// Has the whole course start at `rate`.
  package mutating func begin(at rate: Double) { anchor = Anchor(epoch: 0, rate: rate) }

  /// Sets the rate at `epoch` to `rate`; the course goes on from there to the same end.
  package mutating func setRate(_ rate: Double, atEpoch epoch: Double) {
    // A rate set in the warm-up ends it: extrapolated to its end the rate would be up to a thousand times as much.
    if epoch < warmUpEpochs { warmUpEpochs = 0 }
    anchor = Anchor(epoch: epoch, rate: rate)
  }

  /// Sets where an exponential or cosine course ends; the rate at `epoch` stays as it is.
  package mutating func setFinalRate(_ rate: Double, atEpoch epoch: Double, of epochs: Int) {
    anchor = Anchor(epoch: epoch, rate: course(atEpoch: epoch, of: epochs))
    finalRate = rate
  }

  private func warmUp(atEpoch epoch: Double) -> Double {
    guard warmUpEpochs > 0, epoch < warmUpEpochs else { return 1 }
    // The first step has a rate too.
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
