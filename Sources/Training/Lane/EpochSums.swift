/// What the steps of an epoch add up to.
struct EpochSums: Codable {
  private var steps = 0
  private var images = 0
  private var loss = 0.0
  private var flips = 0
  private var seconds = 0.0

  /// Adds a step.
  mutating func add(_ outcome: LaneModel.StepOutcome, images count: Int, seconds duration: Double) {
    steps += 1
    images += count
    loss += outcome.loss * Double(count)
    flips += outcome.flips
    seconds += duration
  }

  /// The mean loss of an image; nil without a step.
  var meanLoss: Double? { images > 0 ? loss / Double(images) : nil }
  /// Flips / weights, the mean over the updates; nil without a step or without binary weights.
  func meanFlipRate(weights: Int) -> Double? {
    steps > 0 && weights > 0 ? Double(flips) / Double(steps) / Double(weights) : nil
  }
  /// Images trained on in a second; nil without a step.
  var imagesPerSecond: Double? { seconds > 0 ? Double(images) / seconds : nil }
}
