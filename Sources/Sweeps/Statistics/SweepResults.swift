import EngineProtocol
import RunStore
import Training

/// What a sweep has found: settings over their seeds, and comparisons.
package struct SweepResults: Sendable {
  /// A setting over its seeds.
  package struct Setting: Sendable {
    /// The setting's number.
    package var number: Int
    /// Its values.
    package var values: [SweepAssignment]
    /// The objective by seed, of trials that were trained to their end.
    package var objective: [UInt64: Double]
    /// The best validation accuracy of each lane by seed.
    package var accuracies: [String: [UInt64: Double]]
    /// The trials.
    package var trials: [SweepSurvey.Standing]

    /// The objective's statistics; nil if no trial was trained to its end.
    package var statistics: SeedStatistics? { SeedStatistics(objective.sorted { $0.key < $1.key }.map(\.value)) }
    /// The values in words; “as the experiment has it” without parameters.
    package var words: String {
      values.isEmpty ? "as the experiment has it" : values.map(\.change).joined(separator: ", ")
    }
  }

  /// The accuracy on the test images of a lane of the chosen setting.
  package struct Test: Sendable {
    /// The lane's name.
    package var lane: String
    /// The accuracy by seed.
    package var accuracy: [UInt64: Double]

    /// The accuracies of a lane.
    package init(lane: String, accuracy: [UInt64: Double]) { (self.lane, self.accuracy) = (lane, accuracy) }
  }

  /// Where the trials stand.
  package let survey: SweepSurvey
  /// The settings with a finished trial, best mean first; those with more seeds go before those with fewer.
  package let ranking: [Setting]

  /// Reads the results from where the trials stand.
  package init(_ survey: SweepSurvey) {
    self.survey = survey
    let objective = survey.directory.definition.objective
    let groups = Dictionary(grouping: survey.standings, by: \.trial.setting)
    let settings = groups.values.map { trials in
      var setting = Setting(
        number: trials[0].trial.setting, values: trials[0].trial.values, objective: [:], accuracies: [:], trials: trials
      )
      for standing in trials where standing.state == .finished {
        let seed = standing.trial.seed
        setting.objective[seed] = survey.objective(standing)
        for lane in standing.record?.lanes ?? [] {
          setting.accuracies[lane.lane, default: [:]][seed] = lane.bestValidationAccuracy
        }
      }
      return setting
    }
    ranking = settings.filter { !$0.objective.isEmpty }.sorted { first, second in
      let (a, b) = (first.statistics?.mean ?? 0, second.statistics?.mean ?? 0)
      if first.objective.count != second.objective.count { return first.objective.count > second.objective.count }
      return a == b ? first.number < second.number : objective.isBetter(a, than: b)
    }
  }

  /// The setting that the objective has chosen on the validation images; nil if no trial was finished.
  package var chosen: Setting? { ranking.first }

  /// Compares a setting with the chosen one over their common seeds; nil for the chosen one itself.
  package func comparison(_ setting: Setting) -> PairedComparison? {
    guard let chosen, chosen.number != setting.number else { return nil }
    return compare(setting.objective, chosen.objective)
  }

  /// Compares lanes of the chosen setting with the objective's lane, by validation accuracy over the same seeds.
  package var laneComparisons: [(lane: String, statistics: SeedStatistics, comparison: PairedComparison?)] {
    guard let chosen else { return [] }
    let own = survey.directory.definition.objective.lane
    return survey.directory.definition.experiment.lanes.compactMap { lane in
      let values = chosen.accuracies[lane.name] ?? [:]
      guard let statistics = SeedStatistics(values.sorted { $0.key < $1.key }.map(\.value)) else { return nil }
      let comparison = lane.name == own ? nil : PairedComparison(values, chosen.accuracies[own] ?? [:], isBetter: >)
      return (lane.name, statistics, comparison)
    }
  }

  /// The best setting for each value of a parameter with a list of values, compared with the best of all: methods against
  /// each other, each with what suits it.
  package func bestByValue(of parameter: SweepParameter) -> [(value: String, setting: Setting)] {
    guard case .list(let values) = parameter.domain, values.count > 1 else { return [] }
    return values.compactMap { value in
      ranking.first { $0.values.contains(SweepAssignment(parameter.name, value)) }.map { (value, $0) }
    }
  }

  /// Reads the test accuracy of the chosen setting's lanes from its runs. The sweep reads that of no other trial.
  /// - Throws: `StoreError` if a run can't be read.
  package func test() throws -> [Test] {
    guard let chosen else { return [] }
    var tests: [String: [UInt64: Double]] = [:]
    for standing in chosen.trials where standing.state == .finished {
      let history = try RunArchive.outline(of: survey.directory.run(of: standing.trial.number), points: false)
      for lane in history.lineage.lanes {
        guard let accuracy = lane.result?.testAccuracy else { continue }
        tests[lane.description.name, default: [:]][standing.trial.seed] = accuracy
      }
    }
    return survey.directory.definition.experiment.lanes.compactMap { lane in
      tests[lane.name].map { Test(lane: lane.name, accuracy: $0) }
    }
  }

  private func compare(_ first: [UInt64: Double], _ second: [UInt64: Double]) -> PairedComparison? {
    let objective = survey.directory.definition.objective
    return PairedComparison(first, second) { objective.isBetter($0, than: $1) }
  }
}
