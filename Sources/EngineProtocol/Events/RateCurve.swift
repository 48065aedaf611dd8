import TrainingMetrics

/// The losses of a copy of a lane while a rate was swept exponentially, and what they suggest.
///
/// The lane itself is as it was: the copy has weights, optimizer state and statistics of its own.
/// - SeeAlso: Smith 2017, arXiv:1506.01186, section 3.3.
package struct RateCurve: Hashable, Codable, Sendable {
  /// How a suggestion was found.
  package enum Rule: String, Hashable, Codable, Sendable {
    /// The value at which the smoothed loss falls fastest over the logarithm of the value.
    case steepest
    /// A third of the value at which the loss diverged; three times it, if smaller values are the violent ones.
    case thirdOfDivergence
  }

  /// A suggested value.
  package struct Suggestion: Hashable, Codable, Sendable {
    /// The value, rounded to two digits.
    package var value: Double
    /// How it was found.
    package var rule: Rule
  }

  /// The lane's name.
  package var lane: String
  /// The lane's branch.
  package var branch: Int
  /// Updates that the lane had done.
  package var step: Int
  /// What was swept.
  package var hyperparameter: Hyperparameter
  /// The lane's own value.
  package var current: Double
  /// The value of each update, in order.
  package var values: [Double]
  /// The training loss of each update, before it; the last one may not be finite.
  package var losses: [Double]
  /// Whether the loss or a gradient was not finite at the last value.
  package var endedNonFinite: Bool
  /// Remarks, for example that a teacher was left out; nil if there are none.
  package var notes: [String]?

  /// The losses of a sweep.
  package init(
    lane: String, branch: Int, step: Int, hyperparameter: Hyperparameter, current: Double, values: [Double],
    losses: [Double], endedNonFinite: Bool, notes: [String]? = nil
  ) {
    self.lane = lane
    self.branch = branch
    self.step = step
    self.hyperparameter = hyperparameter
    self.current = current
    self.values = values
    self.losses = losses
    self.endedNonFinite = endedNonFinite
    self.notes = notes
  }

  /// The weight of the past in the smoothed loss.
  package static let smoothing = 0.9
  /// The loss has diverged when the smoothed one is so many times its smallest.
  package static let divergence = 2.0
  /// It has also diverged when half of the last ten losses are so many times its smallest.
  package static let violence = 4.0

  /// The exponential mean of the losses, `s ← 0.9·s + 0.1·loss`, divided by `1 - 0.9ⁿ`; losses that are not finite leave
  /// it unchanged.
  package var smoothed: [Double] {
    var (sum, weight) = (0.0, 1.0)
    return losses.map { loss in
      if loss.isFinite {
        sum = Self.smoothing * sum + (1 - Self.smoothing) * loss
        weight *= Self.smoothing
      }
      return weight < 1 ? sum / (1 - weight) : loss
    }
  }

  /// The value at which the loss diverged: the first at which the smoothed one is more than twice its smallest so far, and
  /// above that by more than twice the standard deviation of `loss - smoothed` so far, or at which half of the last ten
  /// losses are more than four times it; otherwise the last one if a loss or a gradient there is not finite; nil if it did
  /// not diverge.
  ///
  /// The deviation counts the rise itself. So the few hard batches of a lane that has learned, whose losses are many times
  /// its smallest, are no divergence, and a real one is seen some updates later.
  package var divergedAt: Double? {
    var least = Double.infinity
    var (squares, count) = (0.0, 0)
    for (place, loss) in smoothed.enumerated() where loss.isFinite {
      if losses[place].isFinite {
        squares += (losses[place] - loss) * (losses[place] - loss)
        count += 1
      }
      least = min(least, loss)
      let spread = (squares / Double(max(1, count))).squareRoot()
      let isViolent = losses[max(0, place - 9)...place].count { $0 > Self.violence * least } >= 5
      if isViolent || loss > Self.divergence * least && loss > least + 2 * spread { return values[place] }
    }
    return endedNonFinite ? values.last : nil
  }

  /// What the curve suggests; nil if the loss neither fell nor diverged, so that a wider range is needed.
  ///
  /// With the smoothed losses s and h = max(1, n/20), the slope at i is `(s[i+h] - s[i-h]) / 2h`. If s fell from its
  /// value at h to its minimum by more than twice the standard deviation of `loss - s` and 1 %, the steepest fall before that
  /// minimum is suggested, but no more than a third of the value at which the loss diverged. If it did not fall, that
  /// third is.
  package var suggestion: Suggestion? {
    let third = divergedAt.map { isAscending ? $0 / 3 : $0 * 3 }
    if let steepest {
      guard let third, isAscending ? steepest > third : steepest < third else {
        return Suggestion(value: Self.rounded(steepest), rule: .steepest)
      }
      return Suggestion(value: Self.rounded(third), rule: .thirdOfDivergence)
    }
    return third.map { Suggestion(value: Self.rounded($0), rule: .thirdOfDivergence) }
  }

  /// Whether larger values are the violent ones.
  private var isAscending: Bool { (values.last ?? 1) >= (values.first ?? 0) }

  /// What was found, in sentences.
  package var words: String {
    let title = hyperparameter.specification.title
    var words: String
    if let suggestion = suggestion {
      let rule =
        switch suggestion.rule {
        case .steepest: "where the smoothed loss falls fastest"
        case .thirdOfDivergence:
          (values.last ?? 0) >= (values.first ?? 0)
            ? "a third of where the loss diverges" : "three times where the loss diverges"
        }
      words = "\(title) \(HyperparameterValue.number(suggestion.value)): \(rule)."
    } else {
      words = "No suggestion: the loss neither falls nor diverges in this range."
    }
    words += " The lane has \(HyperparameterValue.number(current))."
    if let diverged = divergedAt {
      words += " It diverges at \(NumberFormat.scientific(diverged, digits: 2))"
      words += endedNonFinite ? ", where a loss or gradient is not finite." : "."
    }
    words += " \(values.count) updates from step \(NumberFormat.grouped(step)); the lane is as it was."
    return ([words] + (notes ?? []).map { "Note: \($0)." }).joined(separator: " ")
  }

  private var steepest: Double? {
    let smoothed = smoothed
    let width = max(1, smoothed.count / 20)
    guard smoothed.count > 4 * width else { return nil }
    // The first losses are smoothed over too few to be a minimum.
    let places = width..<smoothed.count
    guard let lowest = places.filter({ smoothed[$0].isFinite }).min(by: { smoothed[$0] < smoothed[$1] }) else {
      return nil
    }
    let rests = zip(losses, smoothed).prefix(lowest + 1).map { $0 - $1 }.filter(\.isFinite)
    let spread = (rests.reduce(0) { $0 + $1 * $1 } / Double(max(1, rests.count))).squareRoot()
    let fall = smoothed[width] - smoothed[lowest]
    guard fall > 2 * spread, fall > 0.01 * abs(smoothed[width]), lowest > width else { return nil }
    let end = min(lowest, smoothed.count - 1 - width)
    guard end >= width else { return nil }
    let steepest = (width...end).min { first, second in
      smoothed[first + width] - smoothed[first - width] < smoothed[second + width] - smoothed[second - width]
    }
    return steepest.map { values[$0] }
  }

  private static func rounded(_ value: Double) -> Double {
    var (scale, mantissa) = (1.0, value)
    while mantissa < 10, mantissa > 0 { (scale, mantissa) = (scale * 10, value * scale * 10) }
    while mantissa >= 100 { (scale, mantissa) = (scale / 10, value * scale / 10) }
    // Through a decimal text, because a product of powers of ten is not exact.
    return Double("\(Int(mantissa.rounded()))e\(-exponent(of: scale))") ?? value
  }

  private static func exponent(of scale: Double) -> Int {
    var (exponent, power) = (0, 1.0)
    while power * 5 < scale { (exponent, power) = (exponent + 1, power * 10) }
    while power > scale * 5 { (exponent, power) = (exponent - 1, power / 10) }
    return exponent
  }
}
