/// When a lane writes a checkpoint without being asked: after an epoch or some minutes, and never so often that it takes
/// more than three thousandths of the time.
struct CheckpointSchedule {
  /// Epochs between two.
  static let epochs = 1
  /// Seconds between two, within a long epoch.
  static let seconds = 300.0
  /// What writing may take of the time.
  static let share = 0.003

  private var last: ContinuousClock.Instant?
  private var lastEpoch = 0

  /// Whether one is due.
  /// - Parameters:
  ///   - cost: seconds that the last one took, to copy and to write.
  ///   - epoch: epochs done, at the end of an epoch; nil within one.
  func isDue(cost: Double, endOfEpoch epoch: Int?) -> Bool {
    guard let last else { return epoch != nil }
    let elapsed = (ContinuousClock.now - last) / .seconds(1)
    guard elapsed >= cost / CheckpointSchedule.share else { return false }
    if let epoch { return epoch - lastEpoch >= CheckpointSchedule.epochs }
    return elapsed >= CheckpointSchedule.seconds
  }

  /// Takes note that one was written.
  mutating func didWrite(epoch: Int) {
    last = .now
    lastEpoch = epoch
  }
}
