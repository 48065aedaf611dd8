import Tensors
import Training

extension SweepDefinition {
  // A grid beyond this is a mistake: nobody trains it, and its list would not fit into a screen or a database.
  private static let mostTrials = 100_000
  // Reading an experiment takes about a millisecond.
  private static let mostChecked = 500

  /// Returns all trials in the order in which they are started: the same file gives the same trials.
  ///
  /// In a grid the last parameter varies fastest. Drawn values depend only on `searchSeed`, the setting's number, and the
  /// parameters, so more trials do not change the first ones. The seeds of a setting follow each other.
  /// - Throws: `ExperimentError` if there are fewer different settings than asked for, or too many.
  package func trials() throws -> [SweepTrial] {
    let settings = search == .grid ? try gridSettings() : try drawnSettings()
    guard settings.count * seeds.count <= Self.mostTrials else {
      throw invalid("expected at most \(Self.mostTrials) trials, found \(settings.count * seeds.count)")
    }
    return settings.enumerated().flatMap { index, values in
      seeds.enumerated().map { place, seed in
        SweepTrial(number: index * seeds.count + place + 1, setting: index + 1, values: values, seed: seed)
      }
    }
  }

  /// Checks that trials can be trained with the experiment: all of them, or of a large sweep some hundred.
  ///
  /// Those have each value of a list and the smallest and the largest value of each range, since the keys of a lane accept
  /// ranges of numbers.
  /// - Throws: `ExperimentError` with the parameter's place and the fault of the first trial that can't.
  package func check(_ trials: [SweepTrial], environment: [String: String]) throws {
    let resolver = ExperimentResolver(environment: environment)
    for trial in representatives(trials) {
      do {
        _ = try resolver.resolve(request(for: trial))
      } catch let error as ExperimentError {
        let fault = parameters.first { parameter in
          trial.values.contains { $0.name == parameter.name && error.message.contains("--set \($0.change)") }
        }
        let place = fault.map { "\($0.place): sweep.parameters.\($0.name): " } ?? "trial \(trial.number): "
        throw ExperimentError(code: error.code, message: place + error.message)
      }
    }
  }

  // A trial of each setting, or of enough settings to have every value of a list and the ends of every range.
  private func representatives(_ trials: [SweepTrial]) -> [SweepTrial] {
    let settings = trials.filter { $0.number % seeds.count == 1 || seeds.count == 1 }
    guard settings.count > Self.mostChecked else { return settings }
    var chosen = Set(stride(from: 0, to: settings.count, by: settings.count / Self.mostChecked + 1))
    for parameter in parameters {
      let values = settings.indices.compactMap { place in
        settings[place].values.first { $0.name == parameter.name }.map { (place: place, value: $0.value) }
      }
      if case .list = parameter.domain {
        var known: Set<String> = []
        chosen.formUnion(values.filter { known.insert($0.value).inserted }.map(\.place))
      } else {
        let numbers = values.map { ($0.place, Double($0.value) ?? 0) }
        let ends = [numbers.min { $0.1 < $1.1 }, numbers.max { $0.1 < $1.1 }]
        chosen.formUnion(ends.compactMap { $0?.0 })
      }
    }
    return chosen.sorted().map { settings[$0] }
  }

  private func gridSettings() throws -> [[SweepAssignment]] {
    var settings: [[SweepAssignment]] = [[]]
    for parameter in parameters {
      settings = settings.flatMap { values in
        guard parameter.applies(beside: values) else { return [values] }
        return parameter.grid.map { values + [SweepAssignment(parameter.name, $0)] }
      }
      guard settings.count <= Self.mostTrials else {
        throw invalid("expected a grid of at most \(Self.mostTrials) trials, found more; use search: random")
      }
    }
    return settings
  }

  private func drawnSettings() throws -> [[SweepAssignment]] {
    let count = (trialCount ?? 0) / max(1, seeds.count)
    var settings: [[SweepAssignment]] = []
    var known: Set<[SweepAssignment]> = []
    while settings.count < count {
      var generator = Philox(seed: searchSeed, stream: UInt64(settings.count))
      // A setting that was drawn before is drawn again. After 1,000 times there is hardly another one.
      let found = (0..<1000).lazy.map { _ in draw(&generator) }.first { !known.contains($0) }
      guard let found else {
        throw invalid(
          "expected at most \(settings.count * seeds.count) trials, because the parameters have only "
            + "\(settings.count) different settings, found \(count * seeds.count)")
      }
      known.insert(found)
      settings.append(found)
    }
    return settings
  }

  private func draw(_ generator: inout Philox) -> [SweepAssignment] {
    parameters.reduce(into: []) { values, parameter in
      // Drawn even if it does not apply, so that a condition does not change the parameters behind it.
      let value = parameter.draw(&generator)
      if parameter.applies(beside: values) { values.append(SweepAssignment(parameter.name, value)) }
    }
  }

  private func invalid(_ words: String) -> ExperimentError {
    ExperimentError(code: .invalidValue, message: "sweep \(name): \(words)")
  }
}
