import EngineProtocol
import Training

/// Decides what a free worker of a sweep trains next. It keeps nothing: the decision follows from where the trials stand.
package struct SweepScheduler: Sendable {
  /// What a free worker does.
  package enum Decision: Hashable, Sendable {
    /// Train a trial; up to an epoch, or to its end.
    case train(trial: Int, epochs: Int?)
    /// Nothing now.
    case wait
    /// Nothing any more, for the reason.
    case end(End)
  }

  /// Why there is nothing left to do.
  package enum End: String, Hashable, Sendable {
    /// Every trial has ended.
    case done
    /// The budget is spent.
    case budget
  }

  private let definition: SweepDefinition

  /// A scheduler of a sweep.
  package init(_ definition: SweepDefinition) { self.definition = definition }

  /// Returns what a free worker does.
  /// - Parameter excluded: trials that can't be started now.
  package func next(_ survey: SweepSurvey, excluding excluded: Set<Int> = []) -> Decision {
    definition.search == .halving ? halve(survey, excluded) : takeNext(survey, excluded)
  }

  /// Whether there is nothing left to do.
  package func hasEnded(_ survey: SweepSurvey) -> Bool {
    if case .end = next(survey) { true } else { false }
  }

  // MARK: Grid and random: in the order of numbers

  private func takeNext(_ survey: SweepSurvey, _ excluded: Set<Int>) -> Decision {
    let open = open(survey)
    if let trial = open.trials.first(where: { !excluded.contains($0) }) { return .train(trial: trial, epochs: nil) }
    return survey.count(.training) > 0 ? .wait : .end(open.isLeftOut ? .budget : .done)
  }

  /// Returns the trials of a grid or random search that are still to be trained within the budget, ascending.
  package func left(_ survey: SweepSurvey) -> [Int] { open(survey).trials }

  private func open(_ survey: SweepSurvey) -> (trials: [Int], isLeftOut: Bool) {
    let isSpent = isTimeSpent(survey)
    var (epochs, trials, isLeftOut): (Int, [Int], Bool) = (0, [], false)
    for standing in survey.standings {
      epochs += definition.epochs(of: standing.trial)
      // A trial's place in the list decides, not what was trained before: so any number of workers trains the same ones.
      let isBeyond = epochs > definition.budget.epochs ?? .max
      switch standing.state {
      // What was begun is trained to its end.
      case .interrupted, .held, .waiting:
        if isBeyond || (isSpent && standing.state == .waiting) {
          isLeftOut = true
        } else {
          trials.append(standing.trial.number)
        }
      case .training, .finished, .stopped, .failed: break
      }
    }
    return (trials, isLeftOut)
  }

  private func isTimeSpent(_ survey: SweepSurvey) -> Bool {
    definition.budget.hours.map { survey.secondsTrained >= $0 * 3600 } ?? false
  }

  // MARK: Halving

  private func halve(_ survey: SweepSurvey, _ excluded: Set<Int>) -> Decision {
    let rungs = definition.rungs
    let standings = survey.standings.map { trial in
      var standing = standing(of: trial, rungs, survey.promotions)
      // It is not trained, but the others are compared with it.
      if excluded.contains(trial.trial.number) { standing.hasFailed = true }
      return standing
    }
    let decision = SuccessiveHalving(rungCount: rungs.count, factor: definition.halving.factor).next(standings)
    switch decision {
    case .end: return .end(.done)
    case .wait: return .wait
    case .train(let trial, let rung):
      if isTimeSpent(survey) || epochsAfter(survey, trial, rungs[rung]) > definition.budget.epochs ?? .max {
        return survey.count(.training) > 0 ? .wait : .end(.budget)
      }
      return .train(trial: trial, epochs: rung == rungs.count - 1 ? nil : rungs[rung])
    }
  }

  // Epochs of all trials once a trial has done `epochs`, and the running ones what they were started for.
  private func epochsAfter(_ survey: SweepSurvey, _ trial: Int, _ epochs: Int) -> Int {
    survey.standings.reduce(0) { sum, standing in
      let done = standing.record?.longestEpochs ?? 0
      if standing.trial.number == trial { return sum + max(done, epochs) }
      guard standing.state == .training else { return sum + done }
      return sum + max(done, standing.record?.target ?? definition.epochsPerTrial)
    }
  }

  private func standing(
    of standing: SweepSurvey.Standing, _ rungs: [Int], _ promotions: [Int: Int]
  ) -> SuccessiveHalving.Standing {
    let objective = definition.objective
    let record = standing.record
    let epochs = record?.epochs[objective.lane] ?? []
    let sign = objective.measure.isMaximized ? 1.0 : -1
    let done = record?.epochsDone ?? 0
    let values = rungs.filter { $0 <= done || record?.hasEnded == true && $0 <= epochs.last?.epoch ?? 0 }
      .map { rung in objective.value(epochs.filter { $0.epoch <= rung }).map { sign * $0 } ?? -.infinity }
    let target: Int? = record.flatMap { record in
      guard record.starts > 0 else { return nil }
      return record.target.flatMap { target in rungs.firstIndex { $0 >= target } } ?? rungs.count - 1
    }
    return SuccessiveHalving.Standing(
      trial: standing.trial.number, values: values, target: target ?? (standing.holder == nil ? nil : 0),
      isRunning: standing.state == .training, hasFailed: record?.state == .failed || record?.state == .stopped,
      promotedRung: promotions[standing.trial.number].flatMap { epoch in rungs.firstIndex { $0 >= epoch } })
  }
}

extension SweepDefinition {
  /// Returns the epochs of a whole trial: those of its longest lane.
  package func epochs(of trial: SweepTrial) -> Int {
    if let epochs { return epochs }
    let own = experiment.lanes.map { lane in
      trial.values.last { $0.name == "epochs" || $0.name == "\(lane.name).epochs" }.flatMap { Int($0.value) }
        ?? lane.epochs
    }
    return own.max() ?? 0
  }
}
