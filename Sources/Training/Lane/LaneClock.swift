/// Measures a lane's work, and when to tell of it again.
final class LaneClock {
  private var lastPublished: ContinuousClock.Instant?
  private var active: Duration = .zero
  private var updates: Duration = .zero
  private var last: Duration = .zero

  /// Goes on from the times of a lane that was interrupted.
  func restore(seconds: Double, trainingSeconds: Double) {
    active = .seconds(seconds)
    updates = .seconds(trainingSeconds)
  }

  /// Does `work`, and adds its time to the lane's.
  func measure<Result>(_ work: () throws -> Result) rethrows -> Result {
    let begin = ContinuousClock.now
    defer {
      last = ContinuousClock.now - begin
      active += last
    }
    return try work()
  }

  /// Does `update`, and adds its time to the lane's and to that of its updates.
  func measureUpdate<Result>(_ update: () -> Result) -> Result {
    let result = measure(update)
    updates += last
    return result
  }

  /// Seconds of the newest work.
  var lastDuration: Double { last / .seconds(1) }
  /// Seconds of all work; pauses are left out.
  var activeSeconds: Double { active / .seconds(1) }
  /// Seconds of updates, validation left out.
  var trainingSeconds: Double { updates / .seconds(1) }

  /// Whether a thirtieth of a second has gone by since the last time, or it is urgent.
  func isTimeToPublish(urgent: Bool) -> Bool {
    let now = ContinuousClock.now
    if !urgent, let lastPublished, now - lastPublished < .milliseconds(33) { return false }
    lastPublished = now
    return true
  }
}
