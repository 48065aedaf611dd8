package import EngineProtocol
import Foundation
import RunStore
import Synchronization

/// Follows the directory of a sweep on a thread of its own, for its screen.
///
/// It reads everything once, then each second what has changed. It takes no claim, except for the moment in which a trial
/// that nobody trains is stopped, so it never holds up a trial or a controller.
package final class SweepWatcher: SweepClient {
  /// Trains a copy of a trial with changes, and returns where it went.
  package typealias Forking = @Sendable (SweepTrial, _ changes: String) throws -> String

  private struct Shared {
    var snapshot: SweepSnapshot
    var reports: [SweepReport] = []
  }

  private let directory: SweepDirectory
  private let fork: Forking
  private let shared: Mutex<Shared>
  // The thread sleeps on it until a command comes or it is time to look.
  private let condition = NSCondition()
  private let commands = Mutex<[SweepCommand]>([])
  private let isClosed = Atomic<Bool>(false)

  /// Seconds between two looks at the directory.
  package static let interval = 1.0

  /// Reads a sweep, and begins to follow it.
  /// - Throws: `SweepError.damaged` if a record can't be read.
  package init(_ directory: SweepDirectory, fork: @escaping Forking) throws {
    (self.directory, self.fork) = (directory, fork)
    let survey = try SweepSurvey(directory)
    shared = Mutex(Shared(snapshot: Self.snapshot(of: survey)))
    Thread { [weak self] in Self.follow(survey, { self }) }.start()
  }

  /// Ends following.
  package func close() {
    isClosed.store(true, ordering: .relaxed)
    condition.signal()
  }

  package func snapshot() -> SweepSnapshot { shared.withLock { $0.snapshot } }

  package func send(_ command: SweepCommand) {
    commands.withLock { $0.append(command) }
    condition.signal()
  }

  package func reports() -> [SweepReport] {
    shared.withLock { shared in
      defer { shared.reports = [] }
      return shared.reports
    }
  }

  // MARK: The thread

  private static func follow(_ survey: SweepSurvey, _ watcher: () -> SweepWatcher?) {
    var (survey, intervals) = (survey, SettingIntervals())
    // On Slurm no controller writes the index, which makes the next look faster. The folder may be read-only.
    if survey.isBeyondIndex { try? SweepIndex.write(survey) }
    while let watcher = watcher(), !watcher.isClosed.load(ordering: .relaxed) {
      let asked = watcher.commands.withLock { commands in
        defer { commands = [] }
        return commands
      }
      for command in asked {
        let report = watcher.answer(command, survey)
        watcher.shared.withLock { $0.reports.append(report) }
      }
      watcher.look(&survey)
      watcher.update(&intervals)
      watcher.condition.lock()
      if watcher.commands.withLock({ $0.isEmpty }), !watcher.isClosed.load(ordering: .relaxed) {
        _ = watcher.condition.wait(until: Date(timeIntervalSinceNow: interval))
      }
      watcher.condition.unlock()
    }
  }

  private func look(_ survey: inout SweepSurvey) {
    var changed: [Int] = []
    var problem: String?
    do {
      try directory.checkIsThere()
      changed = try survey.follow()
    } catch {
      problem = "\(error)"
    }
    let controller = directory.controller?.words
    let isToStop = directory.isToStop
    let read = survey
    var snapshot = snapshot()
    var hasChanged =
      (snapshot.problem, snapshot.controller, snapshot.isToStop) != (problem, controller, isToStop)
    var hasFinished = false
    for number in changed {
      let trial = Self.trial(read.standings[number - 1], in: read)
      guard trial != snapshot.trials[number - 1] else { continue }
      hasFinished = hasFinished || trial.state == .finished
      snapshot.trials[number - 1] = trial
      hasChanged = true
    }
    guard hasChanged else { return }
    (snapshot.problem, snapshot.controller, snapshot.isToStop) = (problem, controller, isToStop)
    if hasFinished { snapshot.importances = Self.importances(snapshot) }
    snapshot.version += 1
    shared.withLock { [snapshot] in $0.snapshot = snapshot }
  }

  // In the background, so that a screen with many settings is there at once.
  private func update(_ intervals: inout SettingIntervals) {
    var snapshot = snapshot()
    guard intervals.update(&snapshot, most: .milliseconds(250)) else { return }
    snapshot.version += 1
    shared.withLock { [snapshot] in $0.snapshot = snapshot }
  }

  // MARK: Commands

  private func answer(_ command: SweepCommand, _ survey: SweepSurvey) -> SweepReport {
    do {
      switch command {
      case .stop(let number):
        let seconds = "it looks for requests every 2 s"
        let words = try directory.stop(trial: number) == .done ? "is stopped" : "is asked to stop; \(seconds)"
        return SweepReport("trial \(number) \(words)", isDone: true)
      case .promote(let number): return try promote(survey.standings[number - 1])
      case .fork(let number, let changes):
        return SweepReport(try fork(try directory.trial(number), changes), isDone: true)
      }
    } catch {
      return SweepReport("\(error)", isDone: false)
    }
  }

  private func promote(_ standing: SweepSurvey.Standing) throws -> SweepReport {
    let number = standing.trial.number
    guard standing.state == .held else {
      throw SweepError(.notTrained, "trial \(number) is \(standing.state.rawValue): only a held one can be promoted")
    }
    let done = standing.record?.epochsDone ?? 0
    let rungs = directory.definition.rungs
    let next = rungs.first { $0 > done } ?? directory.definition.epochsPerTrial
    try directory.askToPromote(trial: number, toEpoch: next)
    let when =
      directory.controller == nil
      ? "when the sweep is resumed: signflip sweep resume \(directory.path)"
      : "with the next free worker"
    return SweepReport("trial \(number) goes on to epoch \(next) \(when)", isDone: true)
  }

  // MARK: Snapshots

  private static func snapshot(of survey: SweepSurvey) -> SweepSnapshot {
    let directory = survey.directory
    let definition = directory.definition
    var snapshot = SweepSnapshot(
      name: definition.name, path: directory.path, search: definition.search.rawValue,
      objective: .init(
        text: definition.objective.text, lane: definition.objective.lane,
        isMaximized: definition.objective.measure.isMaximized),
      parameters: definition.parameters.map { .init(name: $0.name, scale: $0.scale) },
      trials: survey.standings.map { trial($0, in: survey) })
    snapshot.plannedEpochs = SweepEstimate.epochs(of: definition, directory.trials)
    snapshot.controller = directory.controller?.words
    snapshot.isToStop = directory.isToStop
    snapshot.importances = importances(snapshot)
    return snapshot
  }

  private static func trial(_ standing: SweepSurvey.Standing, in survey: SweepSurvey) -> SweepSnapshot.Trial {
    let definition = survey.directory.definition
    let (trial, record) = (standing.trial, standing.record)
    var values: [String?] = []
    var rest = trial.values[...]
    // A trial's values are in the order of the parameters.
    for parameter in definition.parameters {
      if let first = rest.first, first.name == parameter.name {
        values.append(first.value)
        rest.removeFirst()
      } else {
        values.append(nil)
      }
    }
    var result = SweepSnapshot.Trial(
      number: trial.number, setting: trial.setting, seed: trial.seed, values: values,
      plannedEpochs: definition.epochs(of: trial))
    result.state = standing.state
    result.worker = result.state == .training ? standing.holder?.words : nil
    guard let record else { return result }
    result.objective = survey.objective(standing)
    result.epochs = record.longestEpochs
    result.seconds = record.seconds
    result.host = record.host
    result.failure = record.failure
    result.curve = record.epochs[definition.objective.lane] ?? []
    return result
  }

  private static func importances(_ snapshot: SweepSnapshot) -> [SweepSnapshot.Importance] {
    let finished = snapshot.trials.filter { $0.state == .finished && $0.objective != nil }
    guard !finished.isEmpty else { return [] }
    let objective = finished.compactMap(\.objective)
    return snapshot.parameters.enumerated().map { place, parameter in
      let isNumeric = if case .categories = parameter.scale { false } else { true }
      return ParameterImportance.share(
        of: finished.map { $0.values[place] }, isNumeric: isNumeric, objective: objective)
    }
  }
}

extension SweepParameter {
  /// The axis that suits the values.
  fileprivate var scale: SweepSnapshot.Parameter.Scale {
    switch domain {
    case .log: return .logarithmic
    case .linear: return .linear
    case .integer(let lower, let upper, _): return lower > 0 && upper >= 20 * lower ? .logarithmic : .linear
    case .list(let values):
      let numbers = values.compactMap(Double.init).filter(\.isFinite)
      guard numbers.count == values.count, let least = numbers.min(), let most = numbers.max() else {
        return .categories(values)
      }
      return least > 0 && most >= 20 * least ? .logarithmic : .linear
    }
  }
}
