import EngineProtocol

/// Measures a lane's working time, and limits how often its state is published.
final class LaneClock {
  private var lastPublished: ContinuousClock.Instant?
  private var active: Duration = .zero
  private var updates: Duration = .zero
  private var last: Duration = .zero

  /// Restores the times of a resumed lane.
  func restore(seconds: Double, trainingSeconds: Double) {
    active = .seconds(seconds)
    updates = .seconds(trainingSeconds)
  }

  /// Runs `work`, and adds its time to the lane's.
  func measure<Result>(_ work: () throws -> Result) rethrows -> Result {
    let begin = ContinuousClock.now
    defer {
      last = ContinuousClock.now - begin
      active += last
    }
    return try work()
  }

  /// Runs `update`, and adds its time to the lane's and to that of its updates.
  func measureUpdate<Result>(_ update: () -> Result) -> Result {
    let result = measure(update)
    updates += last
    return result
  }

  /// Seconds of the newest work.
  var lastDuration: Double { last / .seconds(1) }
  /// Seconds of all work, without pauses.
  var activeSeconds: Double { active / .seconds(1) }
  /// Seconds of updates, without validation.
  var trainingSeconds: Double { updates / .seconds(1) }

  /// Returns whether a thirtieth of a second has passed since the last time, or the call is urgent.
  func isTimeToPublish(urgent: Bool) -> Bool {
    let now = ContinuousClock.now
    if !urgent, let lastPublished, now - lastPublished < .milliseconds(33) { return false }
    lastPublished = now
    return true
  }
}

/// Divides the time of a thread into phases, with one reading of the clock for each.
struct PhaseWatch {
  private var begin = ContinuousClock.now

  /// Adds the time since the last call, or since the beginning, to a phase.
  mutating func end(_ phase: PhaseSeconds.Phase, _ phases: inout PhaseSeconds) {
    let now = ContinuousClock.now
    phases[phase] += (now - begin) / .seconds(1)
    begin = now
  }
}

/// When a lane writes periodic checkpoints: after an epoch or some minutes, but so that writing takes at most 0.3 % of
/// the time.
struct CheckpointSchedule {
  /// Minimum number of epochs between two checkpoints.
  static let epochs = 1
  /// Seconds between two checkpoints within a long epoch.
  static let seconds = 300.0
  /// The maximum fraction of time spent on writing.
  static let share = 0.003

  private var last: ContinuousClock.Instant?
  private var lastEpoch = 0

  /// Returns whether a checkpoint is due.
  /// - Parameters:
  ///   - cost: seconds that the last one took to copy and write.
  ///   - epoch: epochs done, at the end of an epoch; nil within one.
  func isDue(cost: Double, endOfEpoch epoch: Int?) -> Bool {
    guard let last else { return epoch != nil }
    let elapsed = (ContinuousClock.now - last) / .seconds(1)
    guard elapsed >= cost / CheckpointSchedule.share else { return false }
    if let epoch { return epoch - lastEpoch >= CheckpointSchedule.epochs }
    return elapsed >= CheckpointSchedule.seconds
  }

  /// Called after a checkpoint was written.
  mutating func didWrite(epoch: Int) {
    last = .now
    lastEpoch = epoch
  }
}

/// Images per second, averaged over about the last quarter of a second of training.
struct Throughput {
  private var images = 0
  private var seconds = 0.0
  /// The current value; 0 before the first step.
  private(set) var imagesPerSecond = 0.0

  /// Adds a step of `count` images that took `duration` seconds.
  mutating func add(images count: Int, seconds duration: Double) {
    images += count
    seconds += duration
    if imagesPerSecond == 0 || seconds >= 0.25 {
      imagesPerSecond = Double(images) / max(seconds, 1e-9)
      (images, seconds) = (0, 0)
    }
  }
}
