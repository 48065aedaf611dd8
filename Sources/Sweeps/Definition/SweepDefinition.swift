package import EngineProtocol
package import Training

/// A sweep as its file describes it.
package struct SweepDefinition: Sendable {
  /// How settings are chosen.
  package enum Search: String, Sendable, CaseIterable {
    /// All combinations of all values.
    case grid
    /// Independent random values.
    case random
    /// Random values, with asynchronous successive halving over epochs.
    case halving
  }

  /// The epochs after which successive halving compares trials.
  package struct Halving: Hashable, Sendable {
    /// Epochs of the first comparison.
    package var firstEpochs = 1
    /// The share of trials that go on is one in `factor`; each goes on for `factor` times as many epochs.
    package var factor = 3
  }

  /// Limits of all trials together; no trial is started beyond them.
  package struct Budget: Hashable, Sendable {
    /// Epochs, summed over the trials.
    package var epochs: Int?
    /// Hours of training, summed over the trials.
    package var hours: Double?
  }

  /// The name: of the experiment, unless the sweep has its own.
  package var name: String
  /// The text of the experiment: of a preset, of a file, or of the sweep's file itself.
  package var experimentText: String
  /// The name of that text in error messages.
  package var experimentName: String
  /// The experiment as it is without parameters, with the sweep's lanes and epochs.
  package var experiment: Experiment
  /// What varies, in the order of the file.
  package var parameters: [SweepParameter]
  /// The seeds with which each setting is trained.
  package var seeds: [UInt64]
  /// How settings are chosen.
  package var search: Search
  /// The number of trials, which is the number of settings times that of seeds; nil for a whole grid.
  package var trialCount: Int?
  /// What is looked for.
  package var objective: SweepObjective
  /// Replaces the number of epochs of every lane.
  package var epochs: Int?
  /// The comparisons of successive halving.
  package var halving: Halving
  /// Limits of all trials together.
  package var budget: Budget
  /// Threads per lane. Part of the sweep, because weights depend on it.
  package var threads: Int
  /// The lanes to train; nil for all.
  package var lanes: [String]?
  /// The seed of drawn values.
  package var searchSeed: UInt64

  /// Epochs of a whole trial: those of its longest lane, as far as no parameter changes it.
  package var epochsPerTrial: Int { epochs ?? experiment.lanes.map(\.epochs).max() ?? 0 }

  /// The epochs at which halving compares trials, ascending; the last is that of a whole trial.
  package var rungs: [Int] {
    var rungs: [Int] = []
    var epochs = halving.firstEpochs
    while epochs < epochsPerTrial {
      rungs.append(epochs)
      epochs *= halving.factor
    }
    return rungs + [epochsPerTrial]
  }

  /// Returns the request that trains a trial, as `signflip train` would make it.
  package func request(for trial: SweepTrial) -> ExperimentRequest {
    ExperimentRequest(
      source: .text(experimentText, name: experimentName), epochs: epochs, seed: trial.seed,
      settings: trial.values.map(\.change), lanes: lanes, threads: threads)
  }
}

/// One training of a sweep: a setting of the parameters, and a seed.
package struct SweepTrial: Hashable, Sendable {
  /// The number, from 1, in the order in which trials are started.
  package var number: Int
  /// The number of its setting, from 1: trials with the same values and different seeds share it.
  package var setting: Int
  /// The values of the parameters that apply.
  package var values: [SweepAssignment]
  /// The seed of all random numbers of the training.
  package var seed: UInt64

  /// The values for display: “binary.learningRate=0.003, seed 2”.
  package var words: String { (values.map(\.change) + ["seed \(seed)"]).joined(separator: ", ") }
}
