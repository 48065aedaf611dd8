/// A sweep as its screen shows it: what varies, and where every trial stands.
package struct SweepSnapshot: Sendable {
  /// What the sweep looks for.
  package struct Objective: Hashable, Sendable {
    /// As it is written in the sweep: “binary.validationAccuracy”.
    package var text: String
    /// The lane that is measured.
    package var lane: String
    /// Whether larger values are better.
    package var isMaximized: Bool

    /// An objective. One that is maximized is an accuracy, otherwise it is a loss.
    package init(text: String, lane: String, isMaximized: Bool) {
      (self.text, self.lane, self.isMaximized) = (text, lane, isMaximized)
    }

    /// Returns whether `first` is a better value than `second`.
    package func isBetter(_ first: Double, than second: Double) -> Bool {
      isMaximized ? first > second : first < second
    }
  }

  /// A parameter that varies.
  package struct Parameter: Hashable, Sendable {
    /// How its values lie on an axis.
    package enum Scale: Hashable, Sendable {
      /// Separate values, in the order of the sweep's file.
      case categories([String])
      /// Numbers.
      case linear
      /// Positive numbers that span decades.
      case logarithmic
    }

    /// The key as for `--set`: `lane.key`, or `key` for all lanes.
    package var name: String
    /// The axis that suits its values.
    package var scale: Scale

    /// A parameter.
    package init(name: String, scale: Scale) { (self.name, self.scale) = (name, scale) }
  }

  /// A trial.
  package struct Trial: Hashable, Sendable {
    /// The number, from 1.
    package var number: Int
    /// The number of its setting, from 1: trials with the same values and different seeds share it.
    package var setting: Int
    /// The seed of all random numbers.
    package var seed: UInt64
    /// The value of each parameter, as written for `--set`; nil for one that does not apply.
    package var values: [String?]
    /// Where it stands.
    package var state = TrialState.waiting
    /// The objective's value; nil while there is none, and for a failed trial.
    package var objective: Double?
    /// Epochs done, of the longest lane.
    package var epochs = 0
    /// Epochs of the whole trial.
    package var plannedEpochs: Int
    /// Seconds of training.
    package var seconds = 0.0
    /// The process that trains it now: “process 812 on node7”; nil if none does.
    package var worker: String?
    /// The machine that has trained it last.
    package var host: String?
    /// Why it failed.
    package var failure: String?
    /// The epochs of the objective's lane.
    package var curve: [TrialEpoch] = []

    /// A trial that was not started.
    package init(number: Int, setting: Int, seed: UInt64, values: [String?], plannedEpochs: Int) {
      (self.number, self.setting, self.seed, self.values) = (number, setting, seed, values)
      self.plannedEpochs = plannedEpochs
    }
  }

  /// How much of the objective's variance a parameter explains alone.
  package struct Importance: Hashable, Sendable {
    /// The share of the variance, ε²: at most 1; below 0 if the groups differ less than random ones would. nil if it can't
    /// be computed.
    package var share: Double?
    /// The number of groups of trials with the same or close values.
    package var groups: Int

    /// An importance.
    package init(share: Double?, groups: Int) { (self.share, self.groups) = (share, groups) }
  }

  /// Grows with every change.
  package var version = 0
  /// The sweep's name.
  package var name: String
  /// The directory.
  package var path: String
  /// How settings are chosen: `grid`, `random` or `halving`.
  package var search: String
  /// What it looks for.
  package var objective: Objective
  /// What varies, in the order of the file.
  package var parameters: [Parameter]
  /// The trials, by number.
  package var trials: [Trial]
  /// The importance of each parameter; empty while no trial has finished.
  package var importances: [Importance] = []
  /// The 95 % bootstrap interval of the objective's mean over the finished seeds, by the number of the setting. Missing for
  /// fewer than two seeds, and until it is computed.
  package var intervals: [Int: ClosedRange<Double>] = [:]
  /// Epochs of all trials: at most, if halving or a budget ends trials early.
  package var plannedEpochs = 0
  /// Who starts trials; nil if nobody does.
  package var controller: String?
  /// Whether its processes were asked to stop.
  package var isToStop = false
  /// Why the directory could not be read at the last look; nil if it could.
  package var problem: String?

  /// A sweep.
  package init(
    name: String, path: String, search: String, objective: Objective, parameters: [Parameter], trials: [Trial]
  ) {
    (self.name, self.path, self.search, self.objective) = (name, path, search, objective)
    (self.parameters, self.trials) = (parameters, trials)
  }

  /// Returns the trial of a number; nil if there is none.
  package func trial(_ number: Int) -> Trial? { trials.indices.contains(number - 1) ? trials[number - 1] : nil }

  /// Returns the number of trials in a state.
  package func count(_ state: TrialState) -> Int { trials.reduce(0) { $0 + ($1.state == state ? 1 : 0) } }
}

/// Where a trial of a sweep stands.
package enum TrialState: String, Hashable, Codable, Sendable, CaseIterable {
  /// A process trains it.
  case training
  /// It was never started.
  case waiting
  /// It was interrupted, and goes on from its checkpoint when the sweep is resumed.
  case interrupted
  /// Halving has compared it, and may let it go on.
  case held
  /// It was trained to its last epoch.
  case finished
  /// A user has stopped it.
  case stopped
  /// A lane has failed.
  case failed

  /// Whether it needs no more training.
  package var hasEnded: Bool { self == .finished || self == .stopped || self == .failed }
}
