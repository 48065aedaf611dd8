/// How fast a sweep is trained.
package struct SweepPace: Hashable, Sendable {
  /// Epochs trained, summed over the trials.
  package var epochs: Int
  /// Epochs of all trials.
  package var plannedEpochs: Int
  /// Seconds of training, summed over the trials.
  package var seconds: Double
  /// The trials that are trained at the same time.
  package var workers: Int

  /// A pace.
  package init(epochs: Int, plannedEpochs: Int, seconds: Double, workers: Int) {
    (self.epochs, self.plannedEpochs, self.seconds, self.workers) = (epochs, plannedEpochs, seconds, workers)
  }

  /// The share of the epochs that is done, 0...1.
  package var share: Double { plannedEpochs > 0 ? min(1, Double(epochs) / Double(plannedEpochs)) : 0 }

  /// Seconds until the end, `epochs left · seconds / epochs / workers`; nil while nothing is trained.
  package var secondsLeft: Double? {
    guard epochs > 0, seconds > 0, workers > 0 else { return nil }
    return Double(max(0, plannedEpochs - epochs)) * seconds / Double(epochs) / Double(workers)
  }
}

extension SweepSnapshot {
  /// How fast it is trained.
  package var pace: SweepPace {
    var pace = SweepPace(epochs: 0, plannedEpochs: plannedEpochs, seconds: 0, workers: 0)
    for trial in trials {
      pace.epochs += trial.epochs
      pace.seconds += trial.seconds
      if trial.state == .training { pace.workers += 1 }
    }
    return pace
  }
}
