import EngineProtocol

/// Computes the bootstrap intervals of a sweep's settings, a few at a time, since each takes about a millisecond.
struct SettingIntervals {
  // The values from which each setting's interval was computed.
  private var known: [Int: [Double]] = [:]

  /// Adds intervals of settings whose finished seeds have changed.
  /// - Parameter most: the time after which the rest is left to the next call.
  /// - Returns: whether an interval has changed.
  mutating func update(_ snapshot: inout SweepSnapshot, most: Duration) -> Bool {
    let end = ContinuousClock.now + most
    var values: [Int: [Double]] = [:]
    for trial in snapshot.trials where trial.state == .finished {
      if let value = trial.objective { values[trial.setting, default: []].append(value) }
    }
    var hasChanged = false
    for (setting, values) in values.sorted(by: { $0.key < $1.key }) where known[setting] != values {
      known[setting] = values
      guard let interval = SeedStatistics(values)?.interval else { continue }
      snapshot.intervals[setting] = interval.lower...interval.upper
      hasChanged = true
      if ContinuousClock.now > end { break }
    }
    return hasChanged
  }
}
