/// Asynchronous successive halving (ASHA): decides which trial is trained next, and up to which epoch.
///
/// Trials are compared at rungs of `r, r·η, r·η², …` epochs. Whenever a worker is free, the best trial that belongs to the
/// best `1/η` of those at a rung, and was not promoted yet, goes on to the next rung; the highest such rung goes first. If
/// there is none, a new trial starts. Workers never wait for a rung to be complete, so slow trials hold up nobody.
///
/// The decision is a pure function of the standings. Equal values are ordered by the trials' numbers.
/// - SeeAlso: Li et al. 2020, “A System for Massively Parallel Hyperparameter Tuning”, arXiv:1810.05934, algorithm 2.
package struct SuccessiveHalving: Hashable, Sendable {
  /// A trial as far as it was trained.
  package struct Standing: Hashable, Sendable {
    /// The trial's number.
    package var trial: Int
    /// The objective at each rung that the trial has reached, in order; larger is better.
    package var values: [Double] = []
    /// The rung up to which it was started; nil before its start.
    package var target: Int?
    /// Whether a worker trains it now.
    package var isRunning = false
    /// Whether it has failed; then it is never trained again.
    package var hasFailed = false
    /// The rung up to which a user lets it go on, whatever its rank; nil if no user has asked for it.
    package var promotedRung: Int?

    /// A trial's standing.
    package init(
      trial: Int, values: [Double] = [], target: Int? = nil, isRunning: Bool = false, hasFailed: Bool = false,
      promotedRung: Int? = nil
    ) {
      self.trial = trial
      self.values = values
      self.target = target
      self.isRunning = isRunning
      self.hasFailed = hasFailed
      self.promotedRung = promotedRung
    }

    // Whether it was started for a rung that it has not reached: its worker was killed.
    var isInterrupted: Bool { !isRunning && !hasFailed && (target ?? -1) >= values.count }
  }

  /// What a free worker does.
  package enum Decision: Hashable, Sendable {
    /// Train a trial up to a rung.
    case train(trial: Int, rung: Int)
    /// Nothing now; a trial that is still training may make another one go on.
    case wait
    /// Nothing any more.
    case end
  }

  /// The number of rungs.
  package var rungCount: Int
  /// η: one in `factor` trials of a rung goes on.
  package var factor: Int

  /// Halving over a number of rungs.
  package init(rungCount: Int, factor: Int) {
    precondition(rungCount > 0 && factor > 1, "expected at least one rung, and a factor of at least 2")
    (self.rungCount, self.factor) = (rungCount, factor)
  }

  /// Returns what a free worker does.
  /// - Parameter standings: of all trials of the sweep, in the order in which new ones start.
  package func next(_ standings: [Standing]) -> Decision {
    if let trial = standings.first(where: \.isInterrupted), let target = trial.target {
      return .train(trial: trial.trial, rung: target)
    }
    // What a user asks for goes before what the rungs decide.
    if let trial = standings.first(where: {
      !$0.isRunning && !$0.hasFailed && ($0.promotedRung ?? -1) > ($0.target ?? -1)
    }) {
      return .train(trial: trial.trial, rung: min(trial.promotedRung ?? 0, rungCount - 1))
    }
    for rung in (0..<(rungCount - 1)).reversed() {
      if let trial = promotable(standings, at: rung) { return .train(trial: trial, rung: rung + 1) }
    }
    if let trial = standings.first(where: { $0.target == nil && !$0.isRunning && !$0.hasFailed }) {
      return .train(trial: trial.trial, rung: 0)
    }
    return standings.contains(where: \.isRunning) ? .wait : .end
  }

  // The best trial among the first 1/η of a rung that was not started for a higher one.
  private func promotable(_ standings: [Standing], at rung: Int) -> Int? {
    let reached = standings.filter { $0.values.count > rung }
    let best = reached.sorted {
      $0.values[rung] == $1.values[rung] ? $0.trial < $1.trial : $0.values[rung] > $1.values[rung]
    }
    return best.prefix(reached.count / factor)
      .first { ($0.target ?? 0) <= rung && !$0.isRunning && !$0.hasFailed }?.trial
  }
}
